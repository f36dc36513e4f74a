import { stateOfDevice } from "../../../protocol/known-device.ts";
import type { KnownDevice } from "../../cloud/deliveries.ts";
import { type Fleets, inOneLook } from "../../cloud/fleets/open-fleets.ts";
import type { DeviceGroup, DevicesView, FileLine, ShownState } from "../api.ts";
import type { World } from "../world.ts";
import { isUrgent, linesOf, STATES_IN_ORDER } from "./file-line.ts";
import { knownOwners } from "./known-members.ts";

/** Devices of a page: a screen or two, each of them one query. */
const DEVICES = 25;
/** Files of a device that are shown one by one: of what is as it should be the newest is enough. */
const LINES = 3;
/** More are not counted, but said to be more. */
const MOST_COUNTED = 10_000;

type Needed = Pick<World, "deliveries" | "pages" | "fleets" | "members" | "signal">;

/** A page of the devices whose UIDs begin so. The first answer does not wait until all are counted. */
export async function devicesView(
  world: Needed,
  { prefix, after, counted }: { prefix: string; after: string | undefined; counted: boolean },
): Promise<DevicesView> {
  const { deliveries, pages, fleets } = world;
  const [page, count] = await Promise.all([
    pages.devices(prefix, DEVICES, after),
    counted ? pages.countDevices(prefix, MOST_COUNTED + 1) : undefined,
  ]);
  const look = inOneLook(fleets);
  const known = await Promise.all(page.items.map((uid) => deliveries.device(uid)));
  return {
    devices: await Promise.all(
      known.flatMap((each) => (each === undefined ? [] : groupOf(world, each, look))),
    ),
    ...(page.next === undefined ? {} : { next: page.next }),
    ...(count === undefined
      ? {}
      : { total: { count: Math.min(count, MOST_COUNTED), more: count > MOST_COUNTED } }),
  };
}

async function groupOf(world: Needed, known: KnownDevice, fleets: Fleets): Promise<DeviceGroup> {
  const lines = await linesOf(known, fleets, await knownOwners(world, known));
  const differing = differsLine(known);
  const urgent = [...(differing === undefined ? [] : [differing]), ...lines.filter(isUrgent)];
  const counts = new Map<ShownState, number>();
  for (const { state } of lines) counts.set(state, (counts.get(state) ?? 0) + 1);
  return {
    device: known.device.device,
    states: STATES_IN_ORDER.flatMap((state) => {
      const count = counts.get(state);
      return count === undefined ? [] : [[state, count] as [ShownState, number]];
    }),
    lines: urgent.length > 0 ? urgent.slice(0, LINES) : lines.slice(0, 1),
  };
}

/** The line of a device itself, where it has others than the files that are known. */
function differsLine({
  device: { device, total, check },
}: Pick<KnownDevice, "device">): FileLine | undefined {
  if (stateOfDevice({ device, check }) === undefined || total === undefined) return undefined;
  const reason = `it has ${total.count} files, not the ${check?.known} that are known`;
  return { device, path: "", state: "differs", reason, at: total.at };
}
