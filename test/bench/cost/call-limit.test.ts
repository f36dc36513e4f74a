import fc from "fast-check";
import { expect, test } from "vitest";
import { formatSeconds, secondsUnderLimit } from "../../../bench/cost/call-limit.ts";
import { NOTEHUB_LIMITS } from "../../../bench/cost/prices.ts";

/** Minute after minute, and a new day after so many minutes. */
function simulate(calls: number, perMinute: number, perDay: number): number {
  for (let minute = 0, left = calls, today = 0; ; minute += 1) {
    if (minute % (24 * 60) === 0) today = 0;
    const made = Math.min(left, perMinute, perDay - today);
    left -= made;
    today += made;
    if (left === 0) return minute * 60;
  }
}

test("the last call is made when a minute and a day have room for it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 9 }), (calls, perMinute) => {
      const perDay = perMinute * 40;
      expect(secondsUnderLimit(calls, { perMinute, perDay })).toBe(simulate(calls, perMinute, perDay));
    }),
  );
});

test("30 files to 1,000 devices by Notes are three days, a variable is at once", () => {
  expect(formatSeconds(secondsUnderLimit(30_030, NOTEHUB_LIMITS))).toBe("3.0 days");
  expect(formatSeconds(secondsUnderLimit(1, NOTEHUB_LIMITS))).toBe("at once");
  expect(formatSeconds(secondsUnderLimit(0, NOTEHUB_LIMITS))).toBe("at once");
  expect(formatSeconds(secondsUnderLimit(8, NOTEHUB_LIMITS))).toBe("1 min");
  expect(formatSeconds(secondsUnderLimit(1_000, NOTEHUB_LIMITS))).toBe("2.4 hours");
});
