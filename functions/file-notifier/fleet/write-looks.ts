import type { FleetState } from "../../../protocol/fleet-state.ts";
import type { Target } from "../../../protocol/target.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import { applyLooks, type Look } from "./apply-looks.ts";
import { needsAnnouncing, QUIET_SECONDS } from "./decide-announcement.ts";
import { firstPass } from "./fresh-state.ts";
import type { FleetQueue, FleetStates } from "./ports.ts";
import { whereKeysAre } from "./reach.ts";
import type { Written } from "./rendezvous.ts";

/** Puts on record what looks at the keys of a fleet found, by one write, and has the fleet told of it. */
export type WriteLooks = (fleet: string, looks: readonly Look[]) => Promise<(look: Look) => Written>;

/** Others that may write between our read and our write, before we give way. */
const MAX_CONFLICTS = 20;

/** Of all reads and writes together. */
const WRITE_MS = 30_000;

export function createWriteLooks({
  states,
  queue,
  bucket,
  defaultTarget,
  prune,
  now,
}: {
  states: FleetStates;
  queue: FleetQueue;
  /** The files bucket. */
  bucket: string;
  defaultTarget: Target | undefined;
  prune: boolean;
  now: () => number;
}): WriteLooks {
  return async (fleet, looks) => {
    const signal = AbortSignal.timeout(WRITE_MS); // no task's own: what the others found must not end with it
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { state: before, tag } = await states.read(fleet, signal);
      const base = before ?? emptyState(fleet);
      const { state: looked, refused, lookAgain } = applyLooks(base, looks, now());
      const isNew = looked.revision !== base.revision && isUntold(base);
      const state = isNew && prune ? { ...looked, isPartial: true as const } : looked;
      if (state !== base && (await states.write(state, tag, signal)) === undefined) continue;
      if (needsAnnouncing(state)) {
        const ask = { fleet, revision: state.revision };
        await queue.send([{ kind: "announce-fleet", ask }], QUIET_SECONDS, signal);
      }
      if (isNew) {
        // Its other files may have come before it was kept: by Notes, say, or before the state was lost.
        const fresh = state.isPartial && firstPass(fleet);
        const prefix = whereKeysAre(fleet, defaultTarget);
        await queue.send([{ kind: "sweep", ask: { prefix, fresh } }], 0, signal);
      }
      const again = lookAgain.map((key) => ({ kind: "look", ask: { bucket, key } }) as const);
      if (again.length > 0) await queue.send(again, 0, signal);
      return (look) => ({ state, refused: refused.get(look) });
    }
    throw new RetryLater("contended", "others kept writing the fleet's state", { fate: "unsent" });
  };
}

export function emptyState(fleet: string): FleetState {
  return { version: 1, fleet, revision: 0, files: {}, manifests: [] };
}

/** Whether a fleet was not kept by a variable until now. */
function isUntold({ announced, changedAt, files }: FleetState): boolean {
  return announced === undefined && changedAt === undefined && Object.keys(files).length === 0;
}
