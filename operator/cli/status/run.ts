import { setTimeout as sleep } from "node:timers/promises";
import { parseTarget, type Target } from "../../../protocol/target.ts";
import type { Deliveries } from "../../cloud/deliveries.ts";
import type { Deployment } from "../../cloud/deployment.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { fleetDevices } from "../../cloud/notehub/fleet-devices.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";
import { formatTable, printJson } from "../terminal/print.ts";
import { type DeviceView, deviceRows, deviceView } from "./device-view.ts";
import { FILE_HEADER, fileRow, fileView } from "./file-view.ts";
import type { StatusFlags } from "./flags.ts";
import { showTrouble } from "./show-trouble.ts";
import type { Shown } from "./shown.ts";
import { take } from "./take.ts";

/** Between two looks of `--watch`: a question costs a fraction of a cent, and a receipt takes longer. */
const WATCH_MS = 2_000;

export async function runStatus(this: CliContext, flags: StatusFlags, what?: string): Promise<void> {
  const deployment = await findDeployment(flags, this);
  using deliveries = openDeliveries(deployment);
  const ask = () => show(this, deliveries, deployment, flags, what);
  let before: string | undefined;
  for (;;) {
    const shown = await ask();
    const text = flags.json ? JSON.stringify(shown.json) : shown.text;
    if (text !== before) {
      if (flags.json) printJson(this, shown.json);
      else this.process.stdout.write(`${before === undefined ? "" : "\n"}${shown.text}`);
    }
    if (!flags.watch) return;
    before = text;
    await sleep(WATCH_MS, undefined, { signal: this.signal });
  }
}

async function show(
  context: CliContext,
  deliveries: Deliveries,
  deployment: Deployment,
  flags: StatusFlags,
  what: string | undefined,
): Promise<Shown> {
  const target: Target | undefined = what === undefined ? undefined : parseTarget(what);
  if (target?.kind === "device") return showDevices(context, deliveries, [target.deviceUid]);
  if (target?.kind === "fleet") {
    const api = await openProject(deployment, context.signal);
    const devices = await fleetDevices(api, target.fleetUid);
    return showDevices(context, deliveries, devices, [target.fleetUid]);
  }
  if (what !== undefined) return showFile(context, deliveries, what, flags.limit);
  if (!flags.json) return showTrouble(context, deliveries, flags.limit);
  const all: string[] = [];
  for await (const device of deliveries.devices()) all.push(device);
  const fleets = new Set<string>();
  for await (const { device } of deliveries.trouble())
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
    else throw new OperatorError("not-found", `${uid} was never told of a file, and never said anything`);
  }
  const isOne = devices.length === 1 && fleets.length === 0;
  const tables = devices.map(({ device, files }) => {
    const all = [...(rows.get(device) ?? []), ...files.map(fileRow)];
    return isOne
      ? formatTable(process.stdout, FILE_HEADER, all)
      : formatTable(
          process.stdout,
          ["DEVICE", ...FILE_HEADER],
          all.map((row) => [device, ...row]),
        );
  });
  return { text: tables.join(""), json: { devices } };
}

async function showFile(
  { process }: CliContext,
  deliveries: Deliveries,
  key: string,
  limit: number,
): Promise<Shown> {
  const counts = await deliveries.count(key);
  if (counts.size === 0) {
    throw new OperatorError("not-found", `nobody was ever told of ${key}: noteferry ls shows who gets a key`);
  }
  const entries = await take(deliveries.ofFile(key), limit);
  const whole = await deliveries.whole(entries);
  const files = whole.map((delivery) => ({ device: delivery.device, ...fileView(delivery, undefined) }));
  const summary = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  const table = formatTable(
    process.stdout,
    ["DEVICE", ...FILE_HEADER],
    files.map((file) => [file.device, ...fileRow(file)]),
  );
  const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const more = total > files.length ? `and ${total - files.length} more: --limit shows them\n` : "";
  return {
    text: process.stdout.isTTY === true ? `${key}: ${summary}\n\n${table}${more}` : table,
    json: { key, counts: Object.fromEntries(counts), devices: files },
  };
}
