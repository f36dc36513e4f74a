import * as v from "valibot";
import { countExceptions } from "../../../protocol/device-manifest.ts";
import { stateOfDevice } from "../../../protocol/known-device.ts";
import { pathOrKey } from "../../../protocol/target.ts";
import type { KnownDevice } from "../../cloud/deliveries.ts";
import { stagesOf } from "../../cloud/fleets/fleet-stage.ts";
import { fleetView } from "../../cloud/fleets/fleet-view.ts";
import { manifestText } from "../../cloud/fleets/manifest-text.ts";
import { type Fleets, inOneLook } from "../../cloud/fleets/open-fleets.ts";
import { takeSome } from "../../cloud/take.ts";
import { reasonText } from "../../words/reason-text.ts";
import type { DeviceEvent, DeviceView } from "../api.ts";
import type { World } from "../world.ts";
import { linesOf } from "./file-line.ts";
import { deviceLine } from "./fleet.ts";
import { knownOwners } from "./known-members.ts";

/** Reports that are read for what they cost, and of them that are shown. */
const MOST_READ = 200;
const MOST_SHOWN = 30;

/** A receipt, of a file or of a manifest, or an inventory, as the recorder keeps it. */
const Said = v.looseObject({
  at: v.number(),
  state: v.string(),
  name: v.optional(v.string(), ""),
  reason: v.optional(v.string()),
  ended: v.optional(v.string()),
  count: v.optional(v.number()),
  way: v.optional(v.string()),
  bytes: v.optional(v.number()),
  requests: v.optional(v.number()),
  fleet: v.optional(v.string()),
  serial: v.optional(v.number()),
});
type Said = v.InferOutput<typeof Said>;

/** All files of a device, what it said last, and what files cost it on the link. */
export async function deviceView(
  world: Pick<World, "deliveries" | "fleets" | "members" | "signal">,
  uid: string,
): Promise<DeviceView> {
  const { deliveries, fleets } = world;
  const [known, history] = await Promise.all([
    deliveries.device(uid),
    takeSome(deliveries.history(uid, MOST_READ, Date.now()), MOST_READ),
  ]);
  const look = inOneLook(fleets);
  const owners = known === undefined ? [] : await knownOwners(world, known);
  const said = history.taken.flatMap((event) => {
    const parsed = v.safeParse(Said, event);
    return parsed.success ? [parsed.output] : [];
  });
  const receipts = said.filter(({ bytes }) => bytes !== undefined);
  const sum = (values: (number | undefined)[]) =>
    values.reduce<number>((total, each) => total + (each ?? 0), 0);
  return {
    device: uid,
    known: known !== undefined || said.length > 0,
    files: known === undefined ? [] : await linesOf(known, look, owners),
    fleets: known === undefined ? [] : await fleetsOf(known, look, owners),
    events: said.slice(0, MOST_SHOWN).map(deviceEvent),
    link: {
      bytes: sum(receipts.map(({ bytes }) => bytes)),
      requests: sum(receipts.map(({ requests }) => requests)),
      reports: receipts.length,
      more: history.more,
    },
    differs: known === undefined ? undefined : differsOf(known.device),
  };
}

/** How far it is with what each of the fleets was told that it spoke of, and is in. */
async function fleetsOf(
  { device: { device }, manifests }: KnownDevice,
  fleets: Fleets,
  owners: readonly string[],
): Promise<DeviceView["fleets"]> {
  const lines = manifests.map(async (said) => {
    const { fleet, serial, at } = said;
    if (!owners.includes(fleet)) return [];
    const state = await fleets.state(fleet);
    if (state === undefined) return [];
    const entry = { device, serial, hasExceptions: countExceptions(said) > 0, time: at };
    const stages = stagesOf(state, [entry], undefined);
    const about = { devices: stages, shown: stages, said: new Map([[device, said]]) };
    const view = fleetView(state, { ...about, hold: undefined, withheld: [], now: Date.now() });
    return view.devices.map((each) => ({ fleet, device: deviceLine(each) }));
  });
  return (await Promise.all(lines)).flat();
}

/** As the lists call it: a version that did not run was taken back. */
function deviceEvent(said: Said): DeviceEvent {
  const { at, state, name, reason, ended, count, way, bytes, requests, fleet, serial } = said;
  const shared = { at, way, bytes, requests };
  if (fleet !== undefined)
    return {
      ...shared,
      state,
      what: `${fleet}, serial ${serial ?? "?"}`,
      reason: manifestText(said) ?? "",
      fleet,
    };
  return {
    ...shared,
    state: state === "failed" && reason === "run" ? "rolled-back" : state,
    what: count === undefined ? pathOrKey(name) : `${count} ${count === 1 ? "file" : "files"}`,
    key: count === undefined ? name : undefined,
    reason: reason === undefined ? "" : reasonText(reason, ended),
  };
}

function differsOf(device: Parameters<typeof stateOfDevice>[0]): DeviceView["differs"] {
  const { total, check } = device;
  if (stateOfDevice(device) === undefined || total === undefined || check === undefined) return undefined;
  return { count: total.count, known: check.known, at: total.at };
}
