import fc from "fast-check";
import { expect, test } from "vitest";
import { historyItemKey } from "../../protocol/delivery-table.ts";
import { compareReports, isLater, reportOrder } from "../../protocol/report-order.ts";

const NOW = 1_795_867_200_123;
const YEAR = 400 * 24 * 60 * 60_000;
const number = fc.oneof(
  fc.constantFrom(1, NOW - 1, NOW, NOW + 1, NOW + YEAR, Number.MAX_SAFE_INTEGER),
  fc.integer({ min: NOW - 5, max: NOW + 5 }),
);
const received = fc.oneof(fc.constantFrom(0, NOW), fc.integer({ min: NOW - 5, max: NOW + 5 }));

test("what one clock numbers, and Notehub receives in that order, stays in it, however wrong the clock is [NF-9.7]", () => {
  fc.assert(
    fc.property(number, number, received, received, (a, b, r, s) => {
      const [first, second] = [Math.min(a, b), Math.max(a, b)];
      const [early, late] = [Math.min(r, s), Math.max(r, s)];
      const order = compareReports(reportOrder(second, late), reportOrder(first, early));
      if (first < second) expect(order).toBeGreaterThan(0);
      else expect(order).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 2000 },
  );
});

test("a clock that is right again is heard at once, whatever was said before [NF-9.7]", () => {
  fc.assert(
    fc.property(number, (wrong) => {
      const before = reportOrder(wrong, NOW);
      expect(isLater(reportOrder(NOW + 1, NOW + 1), before)).toBe(true);
    }),
  );
});

test("the history has both of two reports that are received at once from a clock that is ahead, and in their order", () => {
  const keys = [NOW, NOW + YEAR, NOW + YEAR + 1].map(
    (n) => historyItemKey("dev:1", reportOrder(n, NOW), "removed#a").sk,
  );
  expect(keys.toSorted()).toEqual(keys);
  expect(new Set(keys).size).toBe(3);
});
