import fc from "fast-check";
import { expect, test } from "vitest";
import { retryMs } from "../../../operator/cloud/retry-ms.ts";

test("the pause grows with the faults in a row, never beyond a minute, and not all wait alike", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), random, (faults, chance) => {
      const ms = retryMs(faults, chance);
      expect(ms).toBeGreaterThanOrEqual(2000);
      expect(ms).toBeLessThanOrEqual(60_000);
      expect(retryMs(faults + 1, chance)).toBeGreaterThanOrEqual(ms);
    }),
  );
  expect(retryMs(3, 0)).toBe(8000);
  expect(retryMs(3, 0.999)).toBeGreaterThan(15_000);
});
