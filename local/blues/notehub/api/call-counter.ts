/** Counts calls, and those of the last minute. */
export type CallCounter = {
  /** Counts one call. @returns seconds to wait if it is one too many: then it does not count against the minute. */
  count(): number | undefined;
  stats(): { calls: number; callsInLastMinute: number; refused: number };
};

const MINUTE = 60;

/** @param now epoch seconds */
export function createCallCounter(perMinute: number | undefined, now: () => number): CallCounter {
  let calls = 0;
  let refused = 0;
  let recent: number[] = [];
  const forget = () => {
    const since = now() - MINUTE;
    recent = recent.filter((at) => at > since);
  };
  return {
    count() {
      forget();
      calls += 1;
      const oldest = recent[0];
      if (perMinute !== undefined && recent.length >= perMinute) {
        refused += 1;
        return Math.max(1, Math.ceil((oldest ?? now()) + MINUTE - now()));
      }
      recent.push(now());
      return undefined;
    },
    stats() {
      forget();
      return { calls, callsInLastMinute: recent.length, refused };
    },
  };
}
