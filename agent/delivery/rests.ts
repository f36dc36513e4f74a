import { type RetryPolicy, restMs } from "./retry-policy.ts";

/** Paths whose delivery failed and is not begun again for a while. A newer announcement does not wait. */
export type Rests = {
  /** Counts a failure. @returns milliseconds until the next try. */
  begin(path: string, noteId: string): number;
  end(path: string): void;
  isResting(path: string, noteId: string): boolean;
  /** Milliseconds until the first of them is over; undefined if none is. */
  nextEndMs(): number | undefined;
};

/**
 * @param now milliseconds, monotonic
 * @param random from 0 to below 1
 */
export function createRests(
  policy: RetryPolicy,
  now: () => number = () => performance.now(),
  random: () => number = Math.random,
): Rests {
  const rests = new Map<string, { noteId: string; failures: number; until: number }>();
  return {
    begin(path, noteId) {
      const before = rests.get(path);
      const failures = before?.noteId === noteId ? before.failures + 1 : 1;
      const pause = restMs(policy, failures, random());
      rests.set(path, { noteId, failures, until: now() + pause });
      return pause;
    },
    end: (path) => void rests.delete(path),
    isResting(path, noteId) {
      const rest = rests.get(path);
      return rest !== undefined && rest.noteId === noteId && rest.until > now();
    },
    nextEndMs() {
      const ends = [...rests.values()].map(({ until }) => until - now()).filter((left) => left > 0);
      return ends.length === 0 ? undefined : Math.min(...ends);
    },
  };
}
