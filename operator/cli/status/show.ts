import { formatTarget, isDeviceUid, parseTarget, type Target } from "../../../protocol/target.ts";
import { isByManifest } from "../../cloud/fleets/fleet-facts.ts";
import { inOneLook } from "../../cloud/fleets/open-fleets.ts";
import type { CliContext } from "../context.ts";
import type { Asking } from "./asking.ts";
import type { StatusFlags } from "./flags.ts";
import { showDevices } from "./show-devices.ts";
import { showFile } from "./show-file.ts";
import { showFleet } from "./show-fleet.ts";
import { showTrouble } from "./show-trouble.ts";
import type { Shown } from "./shown.ts";

/** Answers one question. */
export async function show(
  context: CliContext,
  asked: Asking,
  flags: StatusFlags,
  what: string | undefined,
): Promise<Shown> {
  const asking = { ...asked, fleets: inOneLook(asked.fleets) };
  const { deliveries, fleets, members } = asking;
  const target: Target | undefined = what === undefined ? undefined : parseTarget(what);
  if (target !== undefined) {
    const uid = formatTarget(target);
    if (isDeviceUid(uid)) return showDevices(context, asking, [uid]);
    const state = await fleets.state(uid);
    if (isByManifest(state)) return showFleet(context, asking, state, flags.limit);
    return showDevices(context, asking, await members(uid), [uid]);
  }
  if (what !== undefined) return showFile(context, asking, what, flags.limit);
  if (!flags.json) return showTrouble(context, asking, flags.limit);
  const all: string[] = [];
  for await (const device of deliveries.devices("", Number.POSITIVE_INFINITY)) all.push(device);
  const withheld = new Set<string>();
  for await (const { device } of deliveries.trouble(Number.POSITIVE_INFINITY))
    if (!isDeviceUid(device)) withheld.add(device);
  return showDevices(context, asking, all, [...withheld]);
}
