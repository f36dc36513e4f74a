import { setTimeout as wait } from "node:timers/promises";

/** Time as the link knows it. Host and servers keep their own. */
export type LinkClock = {
  /** Milliseconds, monotonic. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
};

/** The system's time. */
export const systemClock: LinkClock = {
  now: () => performance.now(),
  sleep: (milliseconds) =>
    milliseconds > 0 ? wait(milliseconds, undefined, { ref: false }) : Promise.resolve(),
};

/** Time that passes only in sleeps, which end at once: a slow link shows in `now()` and costs a test nothing. */
export function createVirtualClock(): LinkClock {
  let now = 0;
  return {
    now: () => now,
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
  };
}
