import type { FleetState } from "../../../protocol/fleet-state.ts";
import type { AnnounceFleet } from "../message/fleet-message.ts";
import { claimLeftMs } from "./claim.ts";

/** Without a change for so long, a fleet is told. [NF-11.14] */
export const QUIET_SECONDS = 5;

/** After so long it is told whatever changes. [NF-11.14] */
export const LONGEST_QUIET_MS = 60_000;

/** Whoever waits for another's claim asks again after so long at most: most end within a second. */
const CLAIM_LOOK_SECONDS = 5;

export type AnnouncementDecision =
  | { do: "drop"; because: "unknown" | "announced" | "changed since" }
  | { do: "wait"; seconds: number }
  | { do: "announce" };

/**
 * What a message that a fleet's revision is to be announced does now.
 *
 * INVARIANT: it is dropped only if what it is about, or what came after, is on record as announced, or if what came after has a message of
 * its own: whoever puts a change or a doubt about another's announcement on record sends one, and is repeated until that is sent.
 *
 * @param now milliseconds since the epoch
 */
export function decideAnnouncement(
  state: FleetState | undefined,
  { revision, lacking }: Pick<AnnounceFleet, "revision" | "lacking">,
  now: number,
): AnnouncementDecision {
  if (state === undefined) return { do: "drop", because: "unknown" };
  const { announced, changedAt } = state;
  const isLacking = lacking !== undefined && (announced?.serial ?? 0) <= lacking;
  if (!needsAnnouncing(state) && !isLacking) return { do: "drop", because: "announced" };
  const left = Math.ceil(claimLeftMs(state, now) / 1000);
  if (left > 0) return { do: "wait", seconds: Math.min(left, CLAIM_LOOK_SECONDS) };
  // What changed in the future did so by a clock that ran ahead, and nobody knows when.
  const isOverdue = changedAt !== undefined && Math.abs(now - changedAt) >= LONGEST_QUIET_MS;
  if (revision < state.revision && !isOverdue && !isLacking) return { do: "drop", because: "changed since" };
  return { do: "announce" };
}

/** Whether devices may not know yet what the state says. A state that nothing has changed since it was begun says nothing. */
export function needsAnnouncing({ announced, changedAt, revision, isUncertain }: FleetState): boolean {
  if (isUncertain === true) return true;
  return announced === undefined ? changedAt !== undefined : announced.revision !== revision;
}
