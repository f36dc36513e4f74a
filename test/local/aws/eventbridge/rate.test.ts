import fc from "fast-check";
import { expect, test } from "vitest";
import { secondsOfRate } from "../../../../local/aws/eventbridge/rate.ts";

test.each([
  ["rate(1 minute)", 60],
  ["rate(5 minutes)", 300],
  ["rate(1 hour)", 3600],
  ["rate(12 hours)", 43_200],
  ["rate(1 day)", 86_400],
  ["rate(30 days)", 2_592_000],
])("%s is every %i seconds", (expression, seconds) => {
  expect(secondsOfRate(expression)).toBe(seconds);
});

test.each([
  ...[
    "cron(0 3 * * ? *)",
    "at(2027-01-01T00:00:00)",
    "rate(1 days)",
    "rate(2 day)",
    "rate(0 days)",
    "rate(-1 day)",
  ],
  ...[
    "rate(1 week)",
    "rate(1.5 hours)",
    "rate(1  day)",
    " rate(1 day)",
    "Rate(1 day)",
    "rate(1 day",
    "rate(01 days)",
  ],
  "",
])("%j is no rate, as EventBridge has it", (expression) => {
  expect(secondsOfRate(expression)).toBeUndefined();
});

test("any text is a whole number of minutes or none", () => {
  const likely = fc
    .tuple(fc.integer(), fc.constantFrom("minute", "hours", "day", "toString"))
    .map(([n, unit]) => `rate(${n} ${unit})`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), likely), (text) => {
      const seconds = secondsOfRate(text);
      expect(seconds === undefined || (seconds > 0 && seconds % 60 === 0)).toBe(true);
    }),
  );
});
