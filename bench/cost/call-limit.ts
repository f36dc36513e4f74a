/** Calls that an API takes; what is more waits. */
export type CallLimits = { perMinute: number; perDay: number };

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** Seconds until the last of so many calls may be made, if none was made before and each is made as soon as it may. */
export function secondsUnderLimit(calls: number, { perMinute, perDay }: CallLimits): number {
  const before = Math.max(0, Math.ceil(calls) - 1);
  const fullDays = Math.floor(before / perDay);
  const ofTheLastDay = before - fullDays * perDay;
  return fullDays * DAY + Math.floor(ofTheLastDay / perMinute) * MINUTE;
}

/** Such as `3.0 days`. */
export function formatSeconds(seconds: number): string {
  if (seconds === 0) return "at once";
  if (seconds < 60 * MINUTE) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${(seconds / 3600).toFixed(1)} hours`;
  return `${(seconds / DAY).toFixed(1)} days`;
}
