import * as v from "valibot";
import { stateOfDevice } from "../../../protocol/known-device.ts";
import { pathOrKey } from "../../../protocol/target.ts";
import { inOneLook } from "../../cloud/fleets/open-fleets.ts";
import { takeSome } from "../../cloud/take.ts";
import { reasonText } from "../../words/reason-text.ts";
import type { DeviceEvent, DeviceView } from "../api.ts";
import type { World } from "../world.ts";
import { linesOf } from "./file-line.ts";

/** Reports that are read for what they cost, and of them that are shown. */
const MOST_READ = 200;
const MOST_SHOWN = 30;

/** A receipt or an inventory, as the recorder keeps it. */
const Said = v.object({
  at: v.number(),
  state: v.string(),
  name: v.optional(v.string(), ""),
  reason: v.optional(v.string()),
  ended: v.optional(v.string()),
  count: v.optional(v.number()),
  way: v.optional(v.string()),
  bytes: v.optional(v.number()),
  requests: v.optional(v.number()),
});

/** All files of a device, what it said last, and what files cost it on the link. */
export async function deviceView(
  { deliveries, fleets }: Pick<World, "deliveries" | "fleets">,
  uid: string,
): Promise<DeviceView> {
  const [known, history] = await Promise.all([
    deliveries.device(uid),
    takeSome(deliveries.history(uid, MOST_READ, Date.now()), MOST_READ),
  ]);
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
    files: known === undefined ? [] : await linesOf(known, inOneLook(fleets)),
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

/** As the lists call it: a version that did not run was taken back. */
function deviceEvent({
  at,
  state,
  name,
  reason,
  ended,
  count,
  way,
  bytes,
  requests,
}: v.InferOutput<typeof Said>): DeviceEvent {
  return {
    ...{ at, way, bytes, requests },
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
