import type { KnownDevice } from "../../cloud/deliveries.ts";
import { type DeviceView, deviceView } from "../../cloud/device-view.ts";
import { fileView } from "../../cloud/file-view.ts";
import { deviceByManifests } from "../../cloud/fleets/device-by-manifests.ts";
import type { FileByManifest } from "../../cloud/fleets/file-by-manifest.ts";
import { leftFleets } from "../../cloud/fleets/left-fleet.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { silenceNote, silenceOf } from "../../cloud/silence.ts";
import { tried } from "../../cloud/tried.ts";
import type { CliContext } from "../context.ts";
import { formatTable } from "../terminal/print.ts";
import type { Asking } from "./asking.ts";
import { deviceRows } from "./device-rows.ts";
import { FILE_HEADER, fileRow } from "./file-row.ts";
import type { Shown } from "./shown.ts";

/**
 * @param uids of devices
 * @param fleets UIDs of fleets of which is shown what none of their devices could be told
 * @throws {OperatorError} `not-found` for a single device that nobody was ever told of.
 */
export async function showDevices(
  { process, signal }: CliContext,
  asking: Asking,
  uids: readonly string[],
  fleets: readonly string[] = [],
): Promise<Shown> {
  const { deliveries } = asking;
  const devices: DeviceView[] = [];
  const rows = new Map<string, string[][]>();
  let unknown: string | undefined;
  for (const uid of fleets) {
    const files = (await deliveries.device(uid))?.files.map((file) => fileView(file, undefined)) ?? [];
    const withheld = files.filter(({ state }) => state === "not-announced");
    if (withheld.length > 0) devices.push({ device: uid, files: withheld });
  }
  const isAlone = uids.length === 1 && fleets.length === 0;
  for (const uid of uids) {
    signal.throwIfAborted();
    const known = await deliveries.device(uid);
    const owners = isAlone ? await ownersOf(asking, uid) : undefined;
    const told = await tried(() => manifestsOf(asking, uid, known, owners), signal, { isPassing: false });
    unknown ??= told.why;
    const byPath = told.found ?? new Map<string, FileByManifest>();
    const kept = known ?? { device: { device: uid }, files: [], manifests: [] };
    if (known !== undefined || byPath.size > 0) {
      devices.push(deviceView(kept, byPath, leftFleets(kept.manifests, owners)));
      rows.set(uid, deviceRows(kept));
    } else if (!isAlone) devices.push({ device: uid, files: [] });
    else {
      const sentence = `${uid} was never told of a file, and never said anything: noteferry status --json lists the devices that are known`;
      throw new OperatorError("not-found", sentence, { mayPass: true });
    }
  }
  const isOne = devices.length === 1 && fleets.length === 0;
  const lines = devices.flatMap(({ device, files }) =>
    [...(rows.get(device) ?? []), ...files.map(fileRow)].map((row) => (isOne ? row : [device, ...row])),
  );
  const silent = silenceOf(devices, Date.now());
  const header = isOne ? FILE_HEADER : ["DEVICE", ...FILE_HEADER];
  const notes = [
    ...(lines.length === 0 && devices.length > 0 && unknown === undefined
      ? [nothingTold(devices.length)]
      : []),
    ...(silent.devices === 0 ? [] : [silenceNote(silent)]),
    ...(unknown === undefined ? [] : [`what fleets were told is not known: ${unknown}`]),
  ];
  return {
    ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
    text: formatTable(process.stdout, header, lines),
    json: { devices },
  };
}

function nothingTold(devices: number): string {
  return `no file was announced to ${devices === 1 ? "this device" : `any of these ${devices} devices`} yet`;
}

/**
 * The fleets of a device by Notehub, the groups of a thing by AWS IoT, asked for where the device is the question: it may never have spoken of one,
 * and says of none that it has left it. Undefined where nobody tells.
 */
async function ownersOf({ fleets, fleetsOf }: Asking, uid: string): Promise<readonly string[] | undefined> {
  return fleets.areTold ? await fleetsOf(uid).catch(() => undefined) : undefined;
}

async function manifestsOf(
  { fleets }: Asking,
  uid: string,
  known: KnownDevice | undefined,
  owners: readonly string[] | undefined,
): Promise<Map<string, FileByManifest>> {
  const device = known ?? { device: { device: uid }, files: [], manifests: [] };
  return await deviceByManifests(fleets, device, owners);
}
