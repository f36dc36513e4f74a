const UNIT_SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/**
 * Seconds of a `rate()`, whose unit is singular for 1 and plural for more; undefined for anything else, cron too.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
 */
export function secondsOfRate(expression: string): number | undefined {
  const [, count = "", unit = "", plural] =
    /^rate\(([1-9][0-9]{0,8}) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const seconds = UNIT_SECONDS[unit];
  if (seconds === undefined || (count === "1") !== (plural === "")) return undefined;
  return Number(count) * seconds;
}
