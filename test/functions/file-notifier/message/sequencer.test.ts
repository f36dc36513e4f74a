import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareSequencers } from "../../../../functions/file-notifier/message/sequencer.ts";

const sequencer = fc.stringMatching(/^[0-9A-Fa-f]{1,20}$/);

describe("sequencers [NF-8.4]", () => {
  test("the shorter is padded with zeros on the right", () => {
    expect(compareSequencers("0A", "0A00")).toBe(0);
    expect(compareSequencers("0A1", "0A")).toBeGreaterThan(0);
    expect(compareSequencers("9", "10")).toBeGreaterThan(0); // as numbers it would be the other way round
    expect(compareSequencers("0b", "0B")).toBe(0);
  });

  test("are in a total order", () => {
    fc.assert(
      fc.property(sequencer, sequencer, sequencer, (a, b, c) => {
        expect(Math.sign(compareSequencers(a, b)) + Math.sign(compareSequencers(b, a))).toBe(0);
        const sorted = [a, b, c].sort(compareSequencers);
        expect(compareSequencers(sorted[0] ?? "", sorted[2] ?? "")).toBeLessThanOrEqual(0);
        expect(compareSequencers(a, `${a}00`)).toBe(0);
      }),
    );
  });
});
