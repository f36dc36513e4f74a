import type { FleetState } from "../../../protocol/fleet-state.ts";
import { stagesOf } from "../../cloud/fleets/fleet-stage.ts";
import type { Fleets } from "../../cloud/fleets/open-fleets.ts";
import type { DeliveryQuestions } from "../../cloud/open-deliveries.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";
import { explainFailure } from "../explain-failure.ts";
import { formatTable } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { type FileView, fileView } from "./file-view.ts";
import { FLEET_HEADER, fleetDeviceRow, fleetSummary, fleetView, withheldRow } from "./fleet-view.ts";
import type { Shown } from "./shown.ts";

/** Whether what the devices of a fleet should have is told, or is about to be told, by a manifest. */
export function isByManifest(state: FleetState | undefined): state is FleetState {
  return state?.announced !== undefined || state?.changedAt !== undefined;
}

/** How far each device of a fleet is with its manifest. @param members UIDs of its devices, by Notehub */
export async function showFleet(
  { process, signal }: CliContext,
  deliveries: DeliveryQuestions,
  fleets: Fleets,
  members: () => Promise<readonly string[]>,
  state: FleetState,
  limit: number,
): Promise<Shown> {
  const { fleet } = state;
  const [entries, { uids, why }, hold, withheld] = await Promise.all([
    deliveries.devicesOf(fleet),
    asked(members, signal),
    fleets.hold(fleet),
    withheldOf(deliveries, fleet),
  ]);
  const devices = stagesOf(state, entries, uids);
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

/** What can be known without Notehub is shown without it. */
async function asked(
  members: () => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<{ uids?: ReadonlySet<string>; why?: string }> {
  try {
    return { uids: new Set(await members()) };
  } catch (error) {
    signal.throwIfAborted();
    const known = explainFailure(error);
    if (!(known instanceof OperatorError)) throw error;
    return { why: known.message };
  }
}

async function withheldOf(deliveries: DeliveryQuestions, fleet: string): Promise<FileView[]> {
  const files = (await deliveries.device(fleet))?.files.map((file) => fileView(file, undefined)) ?? [];
  return files.filter(({ state }) => state === "not-announced");
}
