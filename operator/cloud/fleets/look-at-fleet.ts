import type { FleetState } from "../../../protocol/fleet-state.ts";
import { type FileView, fileView } from "../file-view.ts";
import type { DeliveryQuestions } from "../open-deliveries.ts";
import { type FleetDevice, stagesOf } from "./fleet-stage.ts";
import { type FleetView, fleetView } from "./fleet-view.ts";
import type { Fleets } from "./open-fleets.ts";

/**
 * How far each device of a fleet is with its manifest.
 *
 * @param members UIDs of its devices, where they are known
 * @param choose of all devices, those first that somebody should look at, the ones that are shown
 */
export async function lookAtFleet(
  { deliveries, fleets }: { deliveries: DeliveryQuestions; fleets: Fleets },
  state: FleetState,
  members: readonly string[] | undefined,
  choose: (devices: readonly FleetDevice[]) => readonly FleetDevice[],
): Promise<FleetView> {
  const { fleet } = state;
  const [entries, hold, withheld] = await Promise.all([
    deliveries.devicesOf(fleet),
    fleets.hold(fleet),
    withheldOf(deliveries, fleet),
  ]);
  const devices = stagesOf(state, entries, members && new Set(members));
  const shown = choose(devices);
  const excepted = shown.filter(({ hasExceptions }) => hasExceptions);
  const said = await deliveries.saidBy(
    fleet,
    excepted.map(({ device }) => device),
  );
  return fleetView(state, { devices, shown, said, hold, withheld, now: Date.now() });
}

async function withheldOf(deliveries: DeliveryQuestions, fleet: string): Promise<FileView[]> {
  const files = (await deliveries.device(fleet))?.files.map((file) => fileView(file, undefined)) ?? [];
  return files.filter(({ state }) => state === "not-announced");
}
