import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareSeqs, formatSeq, isSeq } from "../../protocol/seq.ts";

const hex = fc.stringMatching(/^[0-9A-Fa-f]{1,64}$/);

/** As S3's documentation compares them: as text, the shorter padded with zeros. */
function compareHex(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.toUpperCase().padEnd(64, "0"));
  return left === right ? 0 : (left ?? "") < (right ?? "") ? -1 : 1;
}

describe("[NF-2.5] the seq of a version", () => {
  test("is base64url of the sequencer's bytes", () => {
    expect(formatSeq("0055AED6DCD90281E5")).toBe("AFWu1tzZAoHl");
    expect(formatSeq("005")).toBe(formatSeq("0050"));
  });

  test("orders as the sequencer does, whatever the length", () => {
    fc.assert(
      fc.property(hex, hex, (a, b) => {
        expect(Math.sign(compareSeqs(formatSeq(a), formatSeq(b)))).toBe(compareHex(a, b));
      }),
    );
    expect(compareSeqs(formatSeq("00FF"), formatSeq("0100"))).toBeLessThan(0);
  });

  test("is what a reader knows again", () => {
    fc.assert(fc.property(hex, (sequencer) => isSeq(formatSeq(sequencer))));
    for (const text of ["", "A", "AA==", "A A", "A+/A", "é".repeat(9), "A".repeat(65)]) {
      expect(isSeq(text), text).toBe(false);
    }
  });
});
