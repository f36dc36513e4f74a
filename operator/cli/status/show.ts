import { parseTarget, type Target } from "../../../protocol/target.ts";
import type { Deliveries } from "../../cloud/deliveries.ts";
import { type DeviceView, deviceView } from "../../cloud/device-view.ts";
import { fileView } from "../../cloud/file-view.ts";
import { fleetDevices } from "../../cloud/notehub/fleet-devices.ts";
import type { NotehubApi } from "../../cloud/notehub/notehub-api.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { SILENT_MS, silenceNote, silenceOf } from "../../cloud/silence.ts";
import { take } from "../../cloud/take.ts";
import type { CliContext } from "../context.ts";
import { formatTable } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { deviceRows } from "./device-rows.ts";
import { FILE_HEADER, fileRow } from "./file-row.ts";
import type { StatusFlags } from "./flags.ts";
import { showTrouble } from "./show-trouble.ts";
import type { Shown } from "./shown.ts";

/**
 * Answers one question.
 *
 * @param project Notehub's, opened only if a fleet is asked for
 */
export async function show(
  context: CliContext,
  deliveries: Deliveries,
  project: () => Promise<NotehubApi>,
  flags: StatusFlags,
  what: string | undefined,
): Promise<Shown> {
  const target: Target | undefined = what === undefined ? undefined : parseTarget(what);
  if (target?.kind === "device") return showDevices(context, deliveries, [target.deviceUid]);
  if (target?.kind === "fleet") {
    const devices = await fleetDevices(await project(), target.fleetUid);
    return showDevices(context, deliveries, devices, [target.fleetUid]);
  }
  if (what !== undefined) return showFile(context, deliveries, what, flags.limit);
  if (!flags.json) return showTrouble(context, deliveries, flags.limit);
  const all: string[] = [];
  for await (const device of deliveries.devices("", Number.POSITIVE_INFINITY)) all.push(device);
  const fleets = new Set<string>();
  for await (const { device } of deliveries.trouble(Number.POSITIVE_INFINITY))
    if (parseTarget(device)?.kind === "fleet") fleets.add(device);
  return showDevices(context, deliveries, all, [...fleets]);
}

/**
 * @param fleets UIDs of fleets of which is shown what none of their devices could be told
 * @throws {OperatorError} `not-found` for a single device that nobody was ever told of.
 */
async function showDevices(
  { process, signal }: CliContext,
  deliveries: Deliveries,
  uids: readonly string[],
  fleets: readonly string[] = [],
): Promise<Shown> {
  const devices: DeviceView[] = [];
  const rows = new Map<string, string[][]>();
  for (const uid of fleets) {
    const files = (await deliveries.device(uid))?.files.map((file) => fileView(file, undefined)) ?? [];
    const withheld = files.filter(({ state }) => state === "not-announced");
    if (withheld.length > 0) devices.push({ device: uid, files: withheld });
  }
  for (const uid of uids) {
    signal.throwIfAborted();
    const known = await deliveries.device(uid);
    if (known !== undefined) {
      devices.push(deviceView(known));
      rows.set(uid, deviceRows(known));
    } else if (uids.length > 1 || fleets.length > 0) devices.push({ device: uid, files: [] });
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
  return {
    ...(silent.devices === 0 ? {} : { note: silenceNote(silent) }),
    text: formatTable(process.stdout, header, lines),
    json: { devices },
  };
}

async function showFile(
  { process }: CliContext,
  deliveries: Deliveries,
  key: string,
  limit: number,
): Promise<Shown> {
  const { states: counts, silent } = await deliveries.count(key, Date.now() - SILENT_MS);
  if (counts.size === 0) {
    const sentence = `nobody was ever told of ${key}: noteferry ls shows who gets a key`;
    throw new OperatorError("not-found", sentence, { mayPass: true });
  }
  const entries = await take(deliveries.ofFile(key, limit), limit);
  const whole = await deliveries.whole(entries);
  const files = whole.map((delivery) => ({ device: delivery.device, ...fileView(delivery, undefined) }));
  const summary = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  const table = formatTable(
    process.stdout,
    ["DEVICE", ...FILE_HEADER],
    files.map((file) => [file.device, ...fileRow(file)]),
  );
  const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const more = total > files.length ? [`and ${total - files.length} more: --limit shows them`] : [];
  const notes = [...more, ...(silent.devices > 0 ? [silenceNote(silent)] : [])];
  return {
    ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
    text: process.stdout.isTTY === true ? `${printable(key)}: ${summary}\n\n${table}` : table,
    json: { key, counts: Object.fromEntries(counts), devices: files },
  };
}
