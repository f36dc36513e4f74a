import { withheldIn } from "../../../protocol/announced.ts";
import { type Delivery, stateOf } from "../../../protocol/delivery-state.ts";
import type { KnownInventory } from "../../../protocol/placed.ts";
import { reasonText } from "./reason-text.ts";

/** What is shown of one file of one device; `at` is when it came to that, as an ISO date. */
export type FileView = {
  path: string;
  key: string | undefined;
  sha256: string | undefined;
  state: string;
  reason: string | undefined;
  /** How its program ended, of a version that did not run. */
  ended: string | undefined;
  way: string | undefined;
  at: string;
};

export function fileView(delivery: Delivery, inventory: KnownInventory | undefined): FileView {
  const { path, announced, reported, placed } = delivery;
  const state = stateOf(delivery, inventory);
  const withheld = state === "not-announced" ? withheldIn(delivery) : undefined;
  const isHeard = state !== "announced" && withheld === undefined;
  const at = isHeard ? Math.max(reported?.at ?? 0, placed?.at ?? 0) : ((withheld ?? announced)?.at ?? 0);
  return {
    path,
    key: withheld?.key ?? announced?.key ?? reported?.key,
    sha256: withheld === undefined ? (announced ?? reported ?? placed)?.sha256 : withheld.sha256,
    state,
    reason: isHeard ? reported?.reason : withheld?.reason,
    ended: isHeard ? reported?.ended : undefined,
    way: reported?.way,
    at: new Date(at).toISOString(),
  };
}

/** `NEWEST`: how the content begins that it was told of last, whether it has that or, as one that rolled it back, has not. */
export const FILE_HEADER = ["STATE", "PATH", "REASON", "NEWEST", "SINCE"];

export function fileRow({ state, path, reason, ended, sha256, at }: FileView): string[] {
  return [state, path, reasonText(reason, ended), sha256?.slice(0, 8) ?? "", at];
}
