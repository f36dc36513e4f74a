import type { FleetState } from "../../../protocol/fleet-state.ts";
import { lookAtFleet } from "../../cloud/fleets/look-at-fleet.ts";
import { tried } from "../../cloud/tried.ts";
import type { CliContext } from "../context.ts";
import { formatTable } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import type { Asking } from "./asking.ts";
import { FLEET_HEADER, fleetDeviceRow, fleetSummary, withheldRow } from "./fleet-rows.ts";
import type { Shown } from "./shown.ts";

/** How far each device of a fleet is with its manifest. What can be known without Notehub is shown without it. */
export async function showFleet(
  { process, signal }: CliContext,
  asking: Asking,
  state: FleetState,
  limit: number,
): Promise<Shown> {
  const { fleet } = state;
  const { found, why } = await tried(() => asking.members(fleet), signal);
  const view = await lookAtFleet(asking, state, found, (devices) => devices.slice(0, limit));
  const rows = [
    ...view.withheld.map((file) => withheldRow(fleet, file)),
    ...view.devices.map(fleetDeviceRow),
  ];
  const table = formatTable(process.stdout, FLEET_HEADER, rows);
  const summary = fleetSummary(view).map(printable).join("\n");
  const hidden = Object.values(view.counts).reduce((sum, each) => sum + each, 0) - view.devices.length;
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
