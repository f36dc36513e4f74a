import * as v from "valibot";
import { Inventory, shortSha256 } from "./inventory.ts";
import { RECEIPT_STATES } from "./receipt.ts";
import { compareSeqs } from "./seq.ts";

const ReportOrder = v.pipe(v.number(), v.minValue(0));

/** What a device was told of a file. Each `at` is in milliseconds since the epoch. */
const Announced = v.object({
  key: v.string(),
  sha256: v.string(),
  etag: v.string(),
  versionId: v.string(),
  seq: v.optional(v.string()),
  size: v.number(),
  at: v.number(),
});

/** What a device said last of a file, and when Notehub received that. */
const Reported = v.object({
  key: v.string(),
  n: ReportOrder,
  sha256: v.string(),
  state: v.picklist(RECEIPT_STATES),
  reason: v.optional(v.string()),
  ended: v.optional(v.string()),
  way: v.optional(v.string()),
  bytes: v.number(),
  requests: v.number(),
  at: v.number(),
});

/** What is at the path, by the newest report that tells so; without `sha256`, nothing that we know of is. */
const Placed = v.object({ n: ReportOrder, sha256: v.optional(v.string()), at: v.number() });

/**
 * What the cloud knows of one path of one device. Each part is the newest of its kind, so that reports may come in any
 * order and any number of times.
 */
export const Delivery = v.object({
  device: v.string(),
  path: v.string(),
  announced: v.optional(Announced),
  reported: v.optional(Reported),
  placed: v.optional(Placed),
});

/** The last list of what a device has. */
export const KnownInventory = v.object({ ...Inventory.entries, at: v.number() });

export type Announced = v.InferOutput<typeof Announced>;
export type Reported = v.InferOutput<typeof Reported>;
export type Placed = v.InferOutput<typeof Placed>;
export type Delivery = v.InferOutput<typeof Delivery>;
export type KnownInventory = v.InferOutput<typeof KnownInventory>;

export const DELIVERY_STATES = [
  "announced",
  "installed",
  "unchanged",
  "discarded",
  "refused",
  "failed",
  "rolled-back",
  "stopped",
  "removed",
  "missing",
] as const;

/** `announced`: nothing was heard of it yet. `rolled-back`: it did not run. `missing`: it had it, and said since that it does not. */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** States that somebody should look at. */
export const TROUBLE: ReadonlySet<DeliveryState> = new Set([
  "refused",
  "failed",
  "rolled-back",
  "stopped",
  "missing",
]);

/** The same object where the announcement is not the newest. */
export function withAnnounced(delivery: Delivery, announced: Announced): Delivery {
  const known = delivery.announced;
  return known !== undefined && !isNewer(announced, known) ? delivery : { ...delivery, announced };
}

/** Two keys may mean one path, and their sequencers say nothing of each other: then the time decides. */
function isNewer(announced: Announced, known: Announced): boolean {
  if (announced.key === known.key && announced.seq !== undefined && known.seq !== undefined) {
    const order = compareSeqs(announced.seq, known.seq);
    if (order !== 0) return order > 0;
  }
  return announced.at > known.at;
}

/** The same object where the report is neither the newest, nor tells more of what is at the path. */
export function withReported(delivery: Delivery, reported: Reported): Delivery {
  const newest = reported.n > (delivery.reported?.n ?? 0) ? reported : delivery.reported;
  const placing = placedBy(reported);
  const placed = placing !== undefined && placing.n > (delivery.placed?.n ?? 0) ? placing : delivery.placed;
  if (newest === delivery.reported && placed === delivery.placed) return delivery;
  return { ...delivery, reported: newest, placed };
}

/** What a report says of the file at the path; a failure leaves there what was there. [NF-9.1] */
function placedBy({ n, at, state, sha256 }: Reported): Placed | undefined {
  if (state === "installed" || state === "unchanged") return { n, at, sha256 };
  return state === "removed" ? { n, at, sha256: undefined } : undefined;
}

/** What is at the path by all that was heard; a list that came without this path says that nothing is. */
export function placedIn(
  { path, placed }: Pick<Delivery, "path" | "placed">,
  inventory: KnownInventory | undefined,
): Placed | undefined {
  if (inventory?.files === undefined || inventory.n <= (placed?.n ?? 0)) return placed;
  const { n, at, files } = inventory;
  const short = files.find(([listed]) => listed === path)?.[1];
  // The list has the beginning of a digest only: where it fits what is known, the whole is kept.
  const known = placed?.sha256;
  const sha256 = short !== undefined && known !== undefined && shortSha256(known) === short ? known : short;
  return { n, at, sha256 };
}

export function stateOf(delivery: Delivery, inventory: KnownInventory | undefined): DeliveryState {
  const { announced, reported } = delivery;
  // A report of another content is of an older version: every announcement is on record before a device can answer it.
  const answer = announced === undefined || announced.sha256 === reported?.sha256 ? reported : undefined;
  const told = answer === undefined ? undefined : stateOfReport(answer);
  const placed = placedIn(delivery, inventory);
  const isNewer = placed !== undefined && placed.n > (reported?.n ?? 0);
  if (!isNewer) return told ?? "announced";
  const wanted = announced?.sha256 ?? reported?.sha256;
  if (wanted === undefined) return placed.sha256 === undefined ? "removed" : "installed";
  if (placed.sha256 !== undefined && isSame(placed.sha256, wanted))
    return told === "stopped" ? told : "installed";
  // It does not have it: which is as it should be for one that failed, or that has not answered yet.
  if (told === undefined) return "announced";
  return told === "installed" || told === "unchanged" || told === "stopped" ? "missing" : told;
}

function stateOfReport({ state, reason }: Reported): DeliveryState {
  return state === "failed" && reason === "run" ? "rolled-back" : state;
}

function isSame(sha256: string, other: string): boolean {
  return shortSha256(sha256) === shortSha256(other);
}
