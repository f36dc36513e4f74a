import type { RolloutConfig } from "./job.ts";

const MINUTE_MS = 60_000;
const DEFAULT_PER_MINUTE = 1000;

/** The minute in which things are notified: when it began, in epoch milliseconds, and how many were in it. */
export type RolloutWindow = { start: number; count: number };

/**
 * How many things a minute. An exponential rate rises by its factor with every full number of things.
 * https://docs.aws.amazon.com/iot/latest/developerguide/jobs-configurations-details.html
 */
export function ratePerMinute(
  config: RolloutConfig | undefined,
  progress: { notified: number; succeeded: number },
): number {
  const most = config?.maximumPerMinute ?? DEFAULT_PER_MINUTE;
  const exponential = config?.exponentialRate;
  if (exponential === undefined) return most;
  const criteria = exponential.rateIncreaseCriteria;
  const increments =
    "numberOfNotifiedThings" in criteria
      ? Math.floor(progress.notified / criteria.numberOfNotifiedThings)
      : Math.floor(progress.succeeded / criteria.numberOfSucceededThings);
  const rate = exponential.baseRatePerMinute * exponential.incrementFactor ** increments;
  return Math.min(most, Math.floor(rate));
}

/** The window that `now` lies in: the one there is, or a new one. */
export function windowAt(window: RolloutWindow, now: number): RolloutWindow {
  return now - window.start < MINUTE_MS ? window : { start: now, count: 0 };
}

/** When the next window may begin, in epoch milliseconds. */
export function nextWindow(window: RolloutWindow): number {
  return window.start + MINUTE_MS;
}
