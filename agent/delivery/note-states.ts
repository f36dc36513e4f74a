import type { OpenWay } from "../../protocol/choose-way.ts";
import { type RetryPolicy, restMs } from "./retry-policy.ts";

/** Links in a row that may break over one Note without a byte gained, before it has to wait: no request that breaks each link is made for ever. */
export const MAX_BROKEN_LINKS = 3;

/** What this run of the agent remembers of one queued Note. A successor finds all of it out again. */
export type NoteState = {
  /** Its announcement was told. */
  announced: boolean;
  /** How it ended, as it was told, though the disk may not have taken that yet. */
  concluded: string | undefined;
  /** It is done with, though it may still be queued. */
  settled: boolean;
  /** The link says that it deleted the Note. */
  deleted: boolean;
  /** Deliveries that failed and are worth another try. */
  failures: number;
  /** Until then, by the clock of these states, the delivery is not begun again. */
  restUntil: number;
  /** Links that broke during its delivery, one after the other, without a byte gained. */
  brokenLinks: number;
  /** Its content came with a wrong hash, and is fetched once more. */
  spoilt: boolean;
  /** A chunk that was fetched but could not be written: a disk in trouble must not cost a fetch at every attempt. */
  unwritten: { form: string | undefined; offset: number; bytes: Buffer } | undefined;
  /** It is fetched and verified, and waits for the rest of its unit: how, and what that took. */
  ready: ReadyFile | undefined;
  /** Its version failed before: whether it is fetched is decided when its unit is whole. */
  held: boolean;
  /** What may be the fault of the form in which the content was asked for, by form. */
  doubts: Map<string | undefined, Doubts>;
};

/** `way` is undefined for a file that is to be removed. */
export type ReadyFile = { way: OpenWay | undefined; bytes: number; requests: number; seconds: number };

/** Deliveries that failed, and links that broke, since the last byte that came. */
export type Doubts = { failures: number; brokenLinks: number };

export type NoteStates = {
  of(noteId: string): NoteState;
  /** Ids of the Notes that are done with. */
  settled(): ReadonlySet<string>;
  /** Ids of the Notes that the link says to have deleted. */
  deleted(): string[];
  /** Forgets every Note but these. */
  keepOnly(noteIds: ReadonlySet<string>): void;
  /** Counts a failure. @returns milliseconds until the next try. */
  beginRest(noteId: string): number;
  isResting(noteId: string): boolean;
  /** Milliseconds until the first of these Notes has rested, 0 if one has; undefined for no Notes. */
  nextEndMs(noteIds: readonly string[]): number | undefined;
};

/**
 * Nothing that one Note left behind holds up another: a newer announcement of a path does not wait for an older one's rest.
 *
 * @param now milliseconds, monotonic
 * @param random from 0 to below 1
 */
export function createNoteStates(
  policy: RetryPolicy,
  now: () => number = () => performance.now(),
  random: () => number = Math.random,
): NoteStates {
  const states = new Map<string, NoteState>();
  const ids = (select: (state: NoteState) => boolean) =>
    [...states].filter(([, state]) => select(state)).map(([id]) => id);

  function of(noteId: string): NoteState {
    const state = states.get(noteId) ?? newState();
    states.set(noteId, state);
    return state;
  }

  return {
    of,
    settled: () => new Set(ids(({ settled }) => settled)),
    deleted: () => ids(({ deleted }) => deleted),
    keepOnly(noteIds) {
      for (const id of states.keys()) if (!noteIds.has(id)) states.delete(id);
    },
    beginRest(noteId) {
      const state = of(noteId);
      state.failures += 1;
      const pause = restMs(policy, state.failures, random());
      state.restUntil = now() + pause;
      return pause;
    },
    isResting(noteId) {
      const restUntil = states.get(noteId)?.restUntil;
      return restUntil !== undefined && restUntil > now();
    },
    nextEndMs(noteIds) {
      if (noteIds.length === 0) return undefined;
      return Math.max(0, Math.min(...noteIds.map((id) => of(id).restUntil)) - now());
    },
  };
}

function newState(): NoteState {
  return {
    announced: false,
    concluded: undefined,
    settled: false,
    deleted: false,
    failures: 0,
    restUntil: Number.NEGATIVE_INFINITY,
    brokenLinks: 0,
    spoilt: false,
    unwritten: undefined,
    ready: undefined,
    held: false,
    doubts: new Map(),
  };
}
