import type { FleetState } from "../../../protocol/fleet-state.ts";
import { variableName } from "../../../protocol/manifest-variable.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { Report } from "../ports.ts";
import { claimLeftMs } from "./claim.ts";
import type { FleetStates, Variables } from "./ports.ts";
import type { TakeTurn } from "./take-turn.ts";

/**
 * Takes a fleet's variable away, where one may have been set, once its files are told by Notes alone. `look`: what is on record is not
 * believed, since a request that was given up may have arrived since.
 */
export type WithdrawVariable = (fleet: string, signal: AbortSignal, look?: "look") => Promise<void>;

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
  return async (fleet, signal, look) => {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { state, tag } = await states.read(fleet, signal);
      if (state === undefined) return;
      if (!mayBeTold(state)) return look && (await removeIfShown(fleet, signal));
      const left = Math.ceil(claimLeftMs(state, now()) / 1000);
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

  async function removeIfShown(fleet: string, signal: AbortSignal): Promise<void> {
    await takeTurn(`get ${fleet}`, signal);
    const shown = await variables.get(fleet, variableName(fleet, stage), signal).catch(unlessUnknown);
    if (shown === undefined) return;
    await takeTurn(`remove ${fleet}`, signal);
    await variables.remove(fleet, variableName(fleet, stage), signal);
    report({ message: "variable-removed", fleet });
  }
}

/** A fleet that Notehub does not have shows nothing. */
function unlessUnknown(error: unknown): undefined {
  if (!(error instanceof Undeliverable)) throw error;
}

function mayBeTold({ announced, announcing, isUncertain }: FleetState): boolean {
  return announced !== undefined || announcing !== undefined || isUncertain === true;
}

/**
 * What is kept is the serial, which only grows, what is stored, and who was to get what. What the bucket holds is looked for anew, should
 * a variable tell of it again.
 */
function forgotten({ fleet, revision, serial, shares, manifests, announcing }: FleetState): FleetState {
  const left = announcing?.manifest ? [{ ...announcing.manifest, isDoubtful: true as const }] : [];
  return {
    ...{ version: 1, fleet, revision, files: {}, manifests: [...left, ...manifests] },
    ...(serial !== undefined && { serial }),
    ...(shares !== undefined && { shares }),
  };
}
