import type { JobRefused } from "../../events/agent-event.ts";
import { withJitter } from "./jitter.ts";
import type { Refusal } from "./job-requests.ts";

/** Milliseconds before AWS is told again what it refused, doubling, less jitter. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

/** Characters of what the broker says that go to the log. */
const DETAIL_MAX_CHARS = 300;

/** What AWS refused last to hear of an execution, how often in a row, and when it may be said again. */
export type Refused = { execution: string; status: string; times: number; until: number };

/** What of jobs AWS refuses to hear: it is said again, ever later, since as long as that job is there no other comes. [NF-13.8] */
export type Refusals = {
  /** Before when that is not to be said of an execution. */
  until(execution: string, status: string): number;
  /** @returns when it may be said again */
  add(execution: string, status: string, why: Refusal): number;
};

/** @param memory outlives single links */
export function createRefusals(
  memory: { refused?: Refused | undefined },
  now: () => number,
  tell: (event: JobRefused) => void,
): Refusals {
  return {
    until(execution, status) {
      const { refused } = memory;
      const isThat = refused?.execution === execution && refused.status === status;
      return isThat ? refused.until : Number.NEGATIVE_INFINITY;
    },
    add(execution, status, { code, message }) {
      const { refused } = memory;
      const isSame = refused?.execution === execution;
      const times = isSame && refused.status === status ? refused.times + 1 : 1;
      const pause = withJitter(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times - 1)), 0.25);
      const until = now() + pause;
      memory.refused = { execution, status, times, until };
      const detail = `${code}: ${message}`.slice(0, DETAIL_MAX_CHARS);
      if (!isSame) tell({ event: "job-refused", job: execution, status, detail });
      return until;
    },
  };
}
