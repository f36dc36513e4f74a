import type { DeviceFiles } from "./delivery.ts";
import type { Fleets } from "./fleets.ts";
import type { NoteStates } from "./note-states.ts";
import { type AskingNote, type OlderNote, type Plan, planDeliveries } from "./plan.ts";
import { findRealPaths } from "./real-paths.ts";
import { reviveFailed } from "./revive.ts";
import type { Units } from "./units.ts";

/** Plans what Notes ask for, together with what failed before and has to go with it. All other Notes are forgotten. */
export function createPlanner(
  { installer, latest, failed, placing }: Pick<DeviceFiles, "installer" | "latest" | "failed" | "placing">,
  notes: NoteStates,
  units: Pick<Units, "announced">,
  fleets: Pick<Fleets, "ids" | "asksFor">,
) {
  const planOf = async (all: readonly AskingNote[], overtaken: readonly OlderNote[]): Promise<Plan> => {
    const realPathOf = await findRealPaths(all, installer.realPath);
    const settled = new Set([...notes.settled(), ...overtaken.map(({ id }) => id)]);
    return planDeliveries(all, settled, latest.get, notes.isResting, realPathOf);
  };

  /** @param overtaken of these Notes, which count no more */
  return async (asked: readonly AskingNote[], overtaken: readonly OlderNote[]): Promise<Plan> => {
    const plan = await planOf(asked, overtaken);
    const announced = units.announced(plan, asked);
    const revived = reviveFailed(announced, failed.all(), placing.unitRule, fleets.asksFor);
    notes.keepOnly(new Set([...[...revived, ...asked].map(({ id }) => id), ...fleets.ids()]));
    for (const { id } of revived) notes.of(id).announced = true; // long ago
    return revived.length === 0 ? plan : planOf([...revived, ...asked], overtaken);
  };
}
