import type { FleetState } from "../../../protocol/fleet-state.ts";
import { variableName } from "../../../protocol/manifest-variable.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import type { Report } from "../ports.ts";
import type { FleetStates, Variables } from "./ports.ts";
import type { TakeTurn } from "./take-turn.ts";

/** Takes a fleet's variable away, where one may have been set, once its files are told by Notes alone. */
export type WithdrawVariable = (fleet: string, signal: AbortSignal) => Promise<void>;

/** Others that may write between our read and our write, before we give way. */
const MAX_CONFLICTS = 8;

export function createWithdrawVariable({
  states,
  variables,
  takeTurn,
  report,
  stage,
  now,
}: {
  states: FleetStates;
  variables: Variables;
  takeTurn: TakeTurn;
  report: Report;
  stage: string | undefined;
  now: () => number;
}): WithdrawVariable {
  return async (fleet, signal) => {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { state, tag } = await states.read(fleet, signal);
      if (state === undefined || !mayBeTold(state)) return;
      const left = Math.ceil(((state.announcing?.expires ?? 0) - now()) / 1000);
      if (left > 0) {
        const sentence = "the fleet's manifest is being announced";
        throw new RetryLater("claimed-elsewhere", sentence, { fate: "unsent", seconds: left });
      }
      await takeTurn(`remove ${fleet}`, signal);
      await variables.remove(fleet, variableName(fleet, stage), signal);
      if ((await states.write(forgotten(state), tag, signal)) === undefined) continue;
      return report({ message: "variable-removed", fleet });
    }
    throw new RetryLater("contended", "others kept writing the fleet's state", { fate: "unsent" });
  };
}

function mayBeTold({ announced, announcing, isUncertain }: FleetState): boolean {
  return announced !== undefined || announcing !== undefined || isUncertain === true;
}

/** What is kept is the serial, which only grows, and what is stored. What the bucket holds is looked for anew, should a variable tell of it again. */
function forgotten({ fleet, revision, serial, manifests, announcing }: FleetState): FleetState {
  const left = announcing?.manifest ? [{ ...announcing.manifest, isDoubtful: true as const }] : [];
  const all = [...left, ...manifests];
  return { version: 1, fleet, revision, files: {}, manifests: all, ...(serial !== undefined && { serial }) };
}
