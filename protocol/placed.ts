import * as v from "valibot";
import { Inventory, shortSha256 } from "./inventory.ts";
import { isLater, REPORT_ORDER } from "./report-order.ts";

/** What is at the path, by the newest report that tells so; without `sha256`, nothing that we know of is. */
export const Placed = v.object({ ...REPORT_ORDER, sha256: v.optional(v.string()), at: v.number() });

/** What a device said that it has, and when Notehub received that, in milliseconds since the epoch. */
export const KnownInventory = v.object({ ...Inventory.entries, ...REPORT_ORDER, at: v.number() });

export type Placed = v.InferOutput<typeof Placed>;
export type KnownInventory = v.InferOutput<typeof KnownInventory>;

/** What is at the path by all that was heard; a list that came without this path says that nothing is. */
export function placedIn(
  { path, placed }: { path: string; placed?: Placed | undefined },
  inventory: KnownInventory | undefined,
): Placed | undefined {
  if (inventory?.files === undefined || !isLater(inventory, placed)) return placed;
  const { n, ahead, at, files } = inventory;
  const short = files.find(([listed]) => listed === path)?.[1];
  // The list has the beginning of a digest only: where it fits what is known, the whole is kept.
  const known = placed?.sha256;
  const sha256 = short !== undefined && known !== undefined && shortSha256(known) === short ? known : short;
  return { n, ahead, at, sha256 };
}

/** With all that a list says of the path; the same object where that is nothing new. */
export function withList<T extends { path: string; placed?: Placed | undefined; had?: Placed | undefined }>(
  delivery: T,
  list: KnownInventory | undefined,
): T {
  const placed = placedIn(delivery, list);
  const had = newestIn(delivery.had, listedIn(delivery.path, list));
  return placed === delivery.placed && had === delivery.had ? delivery : { ...delivery, placed, had };
}

/** The first of two that are equally new. */
export function newestIn(known: Placed | undefined, placed: Placed | undefined): Placed | undefined {
  return placed !== undefined && isLater(placed, known) ? placed : known;
}

function listedIn(path: string, list: KnownInventory | undefined): Placed | undefined {
  const sha256 = list?.files?.find(([listed]) => listed === path)?.[1];
  return list === undefined || sha256 === undefined
    ? undefined
    : { n: list.n, ahead: list.ahead, at: list.at, sha256 };
}

/** One of two may be the beginning only. */
export function isSameContent(sha256: string, other: string): boolean {
  return shortSha256(sha256) === shortSha256(other);
}
