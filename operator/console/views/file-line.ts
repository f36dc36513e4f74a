import { DELIVERY_STATES, type Delivery, judge, TROUBLE } from "../../../protocol/delivery-state.ts";
import { shortSha256 } from "../../../protocol/inventory.ts";
import { type KnownInventory, placedIn } from "../../../protocol/placed.ts";
import type { KnownDevice } from "../../cloud/deliveries.ts";
import { fileByManifestView, fileView } from "../../cloud/file-view.ts";
import { deviceByManifests } from "../../cloud/fleets/device-by-manifests.ts";
import type { FileByManifest } from "../../cloud/fleets/file-by-manifest.ts";
import { fleetOf } from "../../cloud/fleets/key-by-manifest.ts";
import { leftFleets, ofLeftFleet } from "../../cloud/fleets/left-fleet.ts";
import type { Fleets } from "../../cloud/fleets/open-fleets.ts";
import { reasonText } from "../../words/reason-text.ts";
import type { FileLine, ShownState } from "../api.ts";

type Standing = { state: string; reason: string | undefined; ended: string | undefined };

/** Those too that only a manifest's receipt has. */
const STATES: readonly ShownState[] = [...DELIVERY_STATES, "held-back", "overruled", "waiting", "left"];

/** What somebody should look at comes first. */
export const STATES_IN_ORDER = [...STATES].sort(
  (one, other) => urgencyOf({ state: one }) - urgencyOf({ state: other }) || (one < other ? -1 : 1),
);

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
    ...{ way: reported?.way, bytes: bytesOf(reported), requests: reported?.requests },
  };
}

/** What came with a manifest is told as a whole: no file has bytes of its own. */
function bytesOf(reported: Delivery["reported"]): number | undefined {
  return reported?.way === undefined && reported?.bytes === 0 ? undefined : reported?.bytes;
}

/** The same with what manifests say: an exception without a receipt, and that a device is outside a share. */
export function manifestLine(file: FileByManifest, inventory: KnownInventory | undefined): FileLine {
  const line = fileLine(file.delivery, inventory);
  const { state, reason, share, at } = fileByManifestView(file, inventory);
  const found = state === line.state ? undefined : STATES.find((each) => each === state);
  const why = [
    found === undefined ? line.reason : reason,
    share === "out" ? "outside the share" : undefined,
  ].filter((each) => each !== undefined);
  return {
    ...line,
    ...(found === undefined ? {} : { state: found, at: Date.parse(at) }),
    reason: why.length === 0 ? undefined : why.join("; "),
  };
}

/**
 * All files of a device, those too that a manifest of its fleets tells of.
 *
 * @param fleets those of one look
 * @param owners fleets that it is in, as far as is known of those that it spoke of
 */
export async function linesOf(
  known: KnownDevice,
  fleets: Fleets,
  owners: readonly string[],
): Promise<FileLine[]> {
  const { inventory } = known.device;
  const told = await deviceByManifests(fleets, known, owners);
  const left = leftFleets(known.manifests, owners);
  const leftOr = (line: FileLine): FileLine => {
    const fleet = line.key === undefined ? undefined : fleetOf(line.key, undefined);
    if (fleet === undefined || !left.has(fleet)) return line;
    const { state, reason } = ofLeftFleet<Standing>(
      { state: line.state, reason: line.reason, ended: undefined },
      fleet,
    );
    return { ...line, state: STATES.find((each) => each === state) ?? line.state, reason };
  };
  const others = known.files.filter(({ path }) => !told.has(path));
  return [
    ...[...told.values()].map((file) => manifestLine(file, inventory)),
    ...others.map((file) => leftOr(fileLine(file, inventory))),
  ].sort(byUrgency);
}

/** What somebody should look at first, then what is under way, then the rest, each newest first. */
export function byUrgency(one: FileLine, other: FileLine): number {
  return urgencyOf(one) - urgencyOf(other) || other.at - one.at || (one.path < other.path ? -1 : 1);
}

/** Whether there is something to wait for or to look at. */
export function isUrgent(line: FileLine): boolean {
  return urgencyOf(line) < 2;
}

export function urgencyOf({ state }: Pick<FileLine, "state">): number {
  if (isTrouble(state)) return 0;
  return state === "announced" || state === "waiting" ? 1 : 2;
}

function isTrouble(state: ShownState): boolean {
  return state === "differs" || state === "held-back" || (TROUBLE as ReadonlySet<ShownState>).has(state);
}
