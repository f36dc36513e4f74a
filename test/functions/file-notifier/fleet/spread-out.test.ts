import fc from "fast-check";
import { expect, test } from "vitest";
import { spreadOut } from "../../../../functions/file-notifier/fleet/spread-out.ts";

test("each fleet is asked about once, at half of the pace, and nothing is delayed for longer than SQS can", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 60 }), (count, perMinute) => {
      const all = Array.from({ length: count }, (_, n) => `fleet:${String(n).padStart(3, "0")}`);
      const asked: { fleet: string; at: number }[] = [];
      let [start, after]: [number, string | undefined] = [0, ""];
      while (after !== undefined) {
        const from = after;
        const left = all.filter((fleet) => fleet > from);
        const { batches, rest } = spreadOut(left, perMinute);
        for (const { delaySeconds, fleets } of batches) {
          expect(delaySeconds).toBeLessThanOrEqual(900);
          asked.push(...fleets.map((fleet) => ({ fleet, at: start + delaySeconds })));
        }
        expect(rest?.delaySeconds ?? 0).toBeLessThanOrEqual(900);
        start += rest?.delaySeconds ?? 0;
        after = rest?.after;
      }
      expect(asked.map(({ fleet }) => fleet)).toEqual(all);
      for (const { at } of asked) {
        const inMinute = asked.filter((other) => other.at >= at && other.at < at + 60).length;
        expect(inMinute).toBeLessThanOrEqual(Math.max(1, perMinute / 2));
      }
    }),
  );
});
