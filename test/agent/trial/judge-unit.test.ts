import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FailedVersion, isCondemned, REMOVED, unitName } from "../../../agent/trial/failed-versions.ts";
import { type Inside, judgeUnit } from "../../../agent/trial/judge-unit.ts";

/** n new, o old, s old and the new one beside it, x something else. */
const unit = (text: string) =>
  [...text].map((letter) => {
    const inside: Inside = letter === "n" ? "new" : letter === "x" ? "other" : "old";
    return { inside, staged: letter === "s" };
  });

describe("a unit that something ended in the middle", () => {
  test.each([
    ["nnn", "in-place"],
    ["nxn", "in-place"], // a version that changed itself
    ["sss", "finish"],
    ["nss", "finish"],
    ["nno", "undo"],
    ["nso", "undo"],
    ["xo", "undo"],
    ["ooo", "old"],
    ["oso", "old"],
  ])("%s: %s", (text, verdict) => {
    expect(judgeUnit(unit(text))).toBe(verdict);
  });

  test("is finished only if that makes all of it new", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[nosx]{1,6}$/), (text) => {
        const verdict = judgeUnit(unit(text));
        if (verdict === "finish" || verdict === "in-place") expect(text).not.toContain("o");
        if (verdict === "old") expect(text).not.toMatch(/[nx]/);
      }),
    );
  });
});

const failed = (sha256: string, unitOf?: Record<string, string>): FailedVersion => ({
  ...{ sha256, reason: "run", detail: "", ended: undefined, removed: undefined, version: undefined },
  ...{ forgiven: undefined, unit: unitOf && unitName(new Map(Object.entries(unitOf))) },
});

describe("what failed together is condemned together", () => {
  const both = { a: "2", b: "3" };
  const failures = new Map([
    ...Object.entries(both).map(([path, sha256]): [string, FailedVersion] => [path, failed(sha256, both)]),
    ["c", failed("9")],
  ]);

  test.each<[Record<string, string>, boolean]>([
    [{ a: "2", b: "3" }, true],
    [{ a: "2" }, true],
    [{ a: "2", b: "4" }, false],
    [{ a: "2", b: "3", d: "1" }, false],
    [{ b: "3", c: "9" }, false],
    [{ c: "9" }, true],
    [{ c: "8" }, false],
    [{ a: REMOVED }, false],
    [{}, false],
  ])("%j: %s", (versions, verdict) => {
    expect(isCondemned(failures, new Map(Object.entries(versions)))).toBe(verdict);
  });

  test("and is forgiven together", () => {
    const forgiven = new Map(
      [...failures].map(([path, version]) => [path, { ...version, forgiven: true as const }]),
    );
    expect(isCondemned(forgiven, new Map(Object.entries(both)))).toBe(false);
  });
});
