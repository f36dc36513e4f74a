import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRetryAfter, retrySeconds } from "../../../../functions/file-notifier/outcome/backoff.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

describe("seconds until a retry [NF-8.5]", () => {
  test("are whole, from 1 to 900, and grow with the number of deliveries", () => {
    fc.assert(
      fc.property(
        fc.nat(5_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, random) => {
          const seconds = retrySeconds(n, undefined, () => random);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(1);
          expect(seconds).toBeLessThanOrEqual(Math.min(900, 2 ** Math.max(n, 1)));
        },
      ),
    );
    expect(retrySeconds(20, undefined, () => 0.999_999)).toBe(900);
    expect(retrySeconds(3, undefined, () => 0.999_999)).toBe(8);
    expect(retrySeconds(20, undefined, () => 0)).toBe(1);
  });

  test("are those asked for, within bounds", () => {
    expect(retrySeconds(1, 37, () => 0.5)).toBe(37);
    expect(retrySeconds(1, 86_400, () => 0.5)).toBe(900);
    expect(retrySeconds(1, 0, () => 0.5)).toBe(1);
  });
});

describe("Retry-After", () => {
  test.each([
    ["7", 7],
    [" 120 ", 120],
    ["0", 1],
    ["99999999999999999999", 900],
    ["Sat, 21 Nov 2026 12:01:00 GMT", 60],
    ["Sat, 21 Nov 2026 11:00:00 GMT", 1],
    ["Saturday, 21-Nov-26 12:00:30 GMT", 30],
    ["soon", undefined],
    ["-5", undefined],
    ["1.5", undefined],
    ["2026", 900],
    ["2026-11-21", undefined],
    ["", undefined],
  ])("%j is %j", (header, seconds) => {
    expect(parseRetryAfter(header, NOW)).toBe(seconds);
  });

  test("anything else never throws nor leaves the bounds", () => {
    expect(parseRetryAfter(null, NOW)).toBeUndefined();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.double().map(String)), (header) => {
        const seconds = parseRetryAfter(header, NOW) ?? 1;
        expect(seconds >= 1 && seconds <= 900).toBe(true);
      }),
    );
  });
});
