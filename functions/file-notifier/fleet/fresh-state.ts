import type { FleetState } from "../../../protocol/fleet-state.ts";
import type { FreshPass } from "../message/fleet-message.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import { needsAnnouncing, QUIET_SECONDS } from "./decide-announcement.ts";
import type { FleetQueue, FleetStates } from "./ports.ts";
import { LONGEST_DELAY_SECONDS } from "./spread-out.ts";

/**
 * Ends a pass over the keys of a fleet whose state was begun anew: another comes, or the state is known to have all that the bucket holds, and the
 * devices may be told to remove the rest. [NF-11.11]
 */
export type EndPass = (prefix: string, fresh: FreshPass, signal: AbortSignal) => Promise<void>;

export const firstPass = (fleet: string): FreshPass => ({ fleet, pass: 1, differing: 0 });

/** Others that may write between our read and our write, before we give way. */
const MAX_CONFLICTS = 8;

/** After an hour what still differs as before is refused, or cannot be read, and holds up nothing any longer. */
const STUCK_PASS = 8;

/** Seconds until the next pass; undefined if this one was the last. */
export function nextPassSeconds({ pass, differing, before }: Omit<FreshPass, "fleet">): number | undefined {
  if (differing === 0 || (differing === before && pass >= STUCK_PASS)) return undefined;
  return Math.min(LONGEST_DELAY_SECONDS, 60 * 2 ** (pass - 1));
}

/** The state once it has all. What devices were told before that told them to remove nothing. */
export function wholeState({ isPartial: _, ...state }: FleetState, now: number): FleetState {
  const { announced, announcing, revision, changedAt = now } = state;
  if (announced === undefined && announcing === undefined) return state;
  return { ...state, revision: revision + 1, changedAt };
}

export function createEndPass({
  states,
  queue,
  now,
}: {
  states: FleetStates;
  queue: FleetQueue;
  now: () => number;
}): EndPass {
  return async (prefix, fresh, signal) => {
    const seconds = nextPassSeconds(fresh);
    if (seconds === undefined) return await endAll(fresh.fleet, signal);
    const { fleet, pass, differing: before } = fresh;
    const next = { fleet, pass: pass + 1, differing: 0, before };
    await queue.send([{ kind: "sweep", ask: { prefix, fresh: next } }], seconds, signal);
  };

  async function endAll(fleet: string, signal: AbortSignal): Promise<void> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { state, tag } = await states.read(fleet, signal);
      if (state?.isPartial !== true) return;
      const whole = wholeState(state, now());
      if ((await states.write(whole, tag, signal)) === undefined) continue;
      const ask = { fleet, revision: whole.revision };
      if (needsAnnouncing(whole)) await queue.send([{ kind: "announce-fleet", ask }], QUIET_SECONDS, signal);
      return;
    }
    throw new RetryLater("contended", "others kept writing the fleet's state", { fate: "unsent" });
  }
}
