/** How long to try. Times are milliseconds. */
export type RetryPolicy = {
  /** Tries of one chunk. */
  attempts: number;
  /** Between two tries: doubled each time up to the longest, with jitter so that a fleet does not ask in step. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** After a failed delivery that may succeed later: doubled each time up to the longest, with jitter. */
  firstRestMs: number;
  longestRestMs: number;
  /** Without a further announcement, before the files of one rule are put in their places. */
  quietMs: number;
};

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: 6,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
  firstRestMs: 60_000,
  longestRestMs: 3_600_000,
  quietMs: 1_500,
};

/** The longest pause that a server may ask for. */
const LONGEST_ASKED_MS = 15 * 60_000;

/** Jitter lengthens what a server asked for by up to this share: no device comes earlier, and not all at once. */
const ASKED_JITTER = 0.25;

/**
 * Milliseconds before the next try.
 *
 * @param failures so far, from 1
 * @param retryAfter seconds that the server asked for
 * @param random from 0 to below 1
 */
export function pauseMs(
  policy: RetryPolicy,
  failures: number,
  retryAfter: number | undefined,
  random: number,
): number {
  if (retryAfter !== undefined) {
    const asked = Math.max(policy.firstPauseMs, Math.min(retryAfter * 1000, LONGEST_ASKED_MS));
    return asked * (1 + ASKED_JITTER * random);
  }
  return backoffMs(policy.firstPauseMs, policy.longestPauseMs, failures, random);
}

/**
 * Milliseconds before a delivery that failed `failures` times is begun again.
 *
 * @param random from 0 to below 1
 */
export function restMs(policy: RetryPolicy, failures: number, random: number): number {
  return backoffMs(policy.firstRestMs, policy.longestRestMs, failures, random);
}

function backoffMs(first: number, longest: number, failures: number, random: number): number {
  return Math.min(longest, first * 2 ** (failures - 1)) * (0.5 + random / 2);
}
