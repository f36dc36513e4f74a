import { type Delivery, judge, TROUBLE } from "../../../protocol/delivery-state.ts";
import { shortSha256 } from "../../../protocol/inventory.ts";
import { type KnownInventory, placedIn } from "../../../protocol/placed.ts";
import { fileView } from "../../cloud/file-view.ts";
import { reasonText } from "../../words/reason-text.ts";
import type { FileLine } from "../api.ts";

/** One file of one device as the page shows it. @param inventory the newest list of the device, where it is known */
export function fileLine(delivery: Delivery, inventory: KnownInventory | undefined): FileLine {
  const { device, reported } = delivery;
  const { path, key, sha256, reason, ended } = fileView(delivery, inventory);
  const { state, part } = judge(delivery, inventory);
  const has = placedIn(delivery, inventory)?.sha256;
  return {
    ...{ device, path, key, state, at: part?.at ?? 0 },
    reason: reason === undefined ? undefined : reasonText(reason, ended),
    wanted: sha256 === undefined ? undefined : shortSha256(sha256),
    has: has === undefined ? undefined : shortSha256(has),
    ...{ way: reported?.way, bytes: reported?.bytes, requests: reported?.requests },
  };
}

/** What somebody should look at first, then what is under way, then the rest, each newest first. */
export function byUrgency(one: FileLine, other: FileLine): number {
  return urgencyOf(one) - urgencyOf(other) || other.at - one.at || (one.path < other.path ? -1 : 1);
}

/** Whether there is something to wait for or to look at. */
export function isUrgent(line: FileLine): boolean {
  return urgencyOf(line) < 2;
}

function urgencyOf({ state }: FileLine): number {
  if (state === "differs" || TROUBLE.has(state)) return 0;
  return state === "announced" ? 1 : 2;
}
