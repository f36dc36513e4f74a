import type { FleetState } from "../../../protocol/fleet-state.ts";
import { isByManifest } from "../../cloud/fleets/fleet-facts.ts";
import { STAGES, type Stage } from "../../cloud/fleets/fleet-stage.ts";
import { type FleetView as Known, stageReason } from "../../cloud/fleets/fleet-view.ts";
import { lookAtFleet } from "../../cloud/fleets/look-at-fleet.ts";
import { inOneLook } from "../../cloud/fleets/open-fleets.ts";
import type { FleetDeviceLine, FleetLine, FleetsView, FleetView } from "../api.ts";
import type { World } from "../world.ts";
import { startOf } from "./file-devices.ts";
import { fileLine } from "./file-line.ts";
import { knownMembers } from "./known-members.ts";

/** Fleets of a page, each of which is nine questions to the table. */
const FLEETS = 10;
const LINES = 50;

type Needed = Pick<World, "deliveries" | "fleets">;

/** A page of the fleets that are told by a manifest, counting those devices that said something: Notehub is not asked for each. */
export async function fleetsView(world: Needed, after: string | undefined): Promise<FleetsView> {
  const uids = await world.fleets.uids(FLEETS + 1, after);
  const shown = uids.slice(0, FLEETS);
  const states = await Promise.all(shown.map((uid) => world.fleets.state(uid)));
  const lines = states.filter(isByManifest).map(async (state) => {
    return lineOf(await lookAtFleet(world, state, undefined, () => []));
  });
  const last = shown.at(-1);
  return {
    areTold: world.fleets.areTold,
    fleets: await Promise.all(lines),
    ...(uids.length > FLEETS && last !== undefined ? { next: last } : {}),
  };
}

/** How far each device of a fleet is, a page of them. */
export async function fleetPageView(
  world: Needed & Pick<World, "members" | "signal">,
  { fleet, stage, after }: { fleet: string; stage: Stage | undefined; after: string | undefined },
): Promise<FleetView> {
  const fleets = inOneLook(world.fleets);
  const state: FleetState | undefined = await fleets.state(fleet);
  if (!isByManifest(state)) return { devices: [], withheld: [], notes: [] };
  const start = startOf(after);
  const { found, notes } = await knownMembers(world, fleet);
  let isMore = false;
  const [known, withheld] = await Promise.all([
    lookAtFleet({ ...world, fleets }, state, found, (devices) => {
      const wanted = devices.filter((each) => stage === undefined || each.stage === stage);
      isMore = wanted.length > start + LINES;
      return wanted.slice(start, start + LINES);
    }),
    world.deliveries.device(fleet),
  ]);
  return {
    line: lineOf(known),
    devices: known.devices.map(deviceLine),
    withheld: (withheld?.files ?? [])
      .map((file) => fileLine(file, undefined))
      .filter((line) => line.state === "not-announced"),
    notes,
    ...(isMore ? { next: String(start + LINES) } : {}),
  };
}

function lineOf({ fleet, serial, announced, files, waiting, shares, counts }: Known): FleetLine {
  return {
    ...{ fleet, serial, files },
    shares: shares.toSorted((one, other) => (one.key < other.key ? -1 : 1)),
    announced: timeOf(announced),
    waiting:
      waiting === undefined
        ? undefined
        : {
            since: timeOf(waiting.since),
            held: waiting.held && { ...waiting.held, until: Date.parse(waiting.held.until) },
            isUncertain: waiting.isUncertain,
          },
    stages: STAGES.flatMap((stage) =>
      counts[stage] === 0 ? [] : [[stage, counts[stage]] as [Stage, number]],
    ),
  };
}

export function deviceLine(device: Known["devices"][number]): FleetDeviceLine {
  const { stage, serial, since } = device;
  return { device: device.device, stage, serial, since: timeOf(since), reason: stageReason(device, wordOf) };
}

/** As the page calls it: its words have blanks. */
function wordOf(state: string): string {
  return state.replaceAll("-", " ");
}

function timeOf(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso);
}
