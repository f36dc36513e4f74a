import { describeRemoval, undo } from "../host/carry-out.ts";
import { PLACES, type Places, UNIT_STATE } from "../host/places.ts";
import { planUninstall } from "../host/plan-uninstall.ts";
import { HostUnfit } from "./install-agent.ts";

export type UninstallRequest = { purge: boolean; state: string | undefined; dryRun: boolean };

/**
 * Undoes an installation. Files that were delivered stay, and without `purge` the config file and the state too.
 *
 * @param say told each step
 * @throws {HostUnfit | StepFailed}
 */
export async function uninstallAgent(
  { purge, state = UNIT_STATE, dryRun }: UninstallRequest,
  { isRoot }: { isRoot: boolean },
  say: (sentence: string) => unknown,
  signal: AbortSignal,
  places: Places = PLACES,
): Promise<void> {
  if (!isRoot && !dryRun) throw new HostUnfit("this takes root: run it with sudo");
  for (const removal of planUninstall({ purge, state }, places))
    say(dryRun ? `would ${describeRemoval(removal)}` : await undo(removal, signal));
  if (!purge) say(`${places.config} and ${state} stay, for another installation; --purge removes them too`);
}
