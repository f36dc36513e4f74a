import type { QueuedNote } from "../link/link.ts";
import type { DeviceFiles } from "./delivery.ts";
import type { NoteStates } from "./note-states.ts";
import { type Plan, planDeliveries } from "./plan.ts";
import { findRealPaths } from "./real-paths.ts";
import { reviveFailed } from "./revive.ts";
import type { Units } from "./units.ts";

/** Plans what Notes ask for, together with what failed before and has to go with it. All other Notes are forgotten. */
export function createPlanner(
  { installer, latest, failed, placing }: Pick<DeviceFiles, "installer" | "latest" | "failed" | "placing">,
  notes: NoteStates,
  units: Pick<Units, "announced">,
) {
  const planOf = async (all: readonly QueuedNote[]): Promise<Plan> => {
    const realPathOf = await findRealPaths(all, installer.realPath);
    return planDeliveries(all, notes.settled(), latest.get, notes.isResting, realPathOf);
  };

  return async (asked: readonly QueuedNote[]): Promise<Plan> => {
    const plan = await planOf(asked);
    const revived = reviveFailed(units.announced(plan, asked), failed.all(), placing.unitRule);
    notes.keepOnly(new Set([...revived, ...asked].map(({ id }) => id)));
    for (const { id } of revived) notes.of(id).announced = true; // long ago
    return revived.length === 0 ? plan : planOf([...revived, ...asked]);
  };
}
