import type { FleetState } from "../../../protocol/fleet-state.ts";
import { stagesOf } from "../../cloud/fleets/fleet-stage.ts";
import type { CliContext } from "../context.ts";
import { formatTable } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { tried } from "../tried.ts";
import type { Asking } from "./asking.ts";
import { type FileView, fileView } from "./file-view.ts";
import { FLEET_HEADER, fleetDeviceRow, fleetSummary, fleetView, withheldRow } from "./fleet-view.ts";
import type { Shown } from "./shown.ts";

/** How far each device of a fleet is with its manifest. What can be known without Notehub is shown without it. */
export async function showFleet(
  { process, signal }: CliContext,
  { deliveries, fleets, members }: Asking,
  state: FleetState,
  limit: number,
): Promise<Shown> {
  const { fleet } = state;
  const [entries, { found, why }, hold, withheld] = await Promise.all([
    deliveries.devicesOf(fleet),
    tried(() => members(fleet), signal),
    fleets.hold(fleet),
    withheldOf(deliveries, fleet),
  ]);
  const devices = stagesOf(state, entries, found && new Set(found));
  const excepted = devices.slice(0, limit).filter(({ hasExceptions }) => hasExceptions);
  const said = await deliveries.saidBy(
    fleet,
    excepted.map(({ device }) => device),
  );
  const view = fleetView(state, { devices, most: limit, said, hold, withheld, now: Date.now() });
  const rows = [...withheld.map((file) => withheldRow(fleet, file)), ...view.devices.map(fleetDeviceRow)];
  const table = formatTable(process.stdout, FLEET_HEADER, rows);
  const summary = fleetSummary(view).map(printable).join("\n");
  const hidden = devices.length - view.devices.length;
  const notes = [
    ...(hidden > 0 ? [`and ${hidden} more: --limit shows them`] : []),
    ...(why === undefined ? [] : [`who was never heard of is not known: ${why}`]),
  ];
  return {
    ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
    text: process.stdout.isTTY === true ? `${summary}\n\n${table}` : table,
    json: view,
  };
}

async function withheldOf(deliveries: Asking["deliveries"], fleet: string): Promise<FileView[]> {
  const files = (await deliveries.device(fleet))?.files.map((file) => fileView(file, undefined)) ?? [];
  return files.filter(({ state }) => state === "not-announced");
}
