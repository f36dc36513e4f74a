/** Things that may be done at once: a thing in ten groups that comes back after weeks does forty. */
const BURST = 120;
/** Milliseconds until one more may be. */
const EVERY_MS = 5_000;

/**
 * Bounds what a broker can have a thing do, whatever it sends: requests to AWS IoT, and jobs that are acted upon, each of which may write to the
 * disk and fetch. It outlives single links. [NF-13.9]
 */
export type Pace = {
  /** Counts one thing. @returns false if it has to wait */
  take(): boolean;
  /** Milliseconds until one may be done. */
  waitMs(): number;
};

export function createPace(now: () => number = () => performance.now()): Pace {
  let left = BURST;
  let at = now();
  function refill(): void {
    left = Math.min(BURST, left + (now() - at) / EVERY_MS);
    at = now();
  }
  return {
    take() {
      refill();
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    waitMs() {
      refill();
      return left < 1 ? Math.ceil((1 - left) * EVERY_MS) : 0;
    },
  };
}
