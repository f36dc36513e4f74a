import { describe, expect, test } from "vitest";
import { partedUnits } from "../../../agent/manifest/parted.ts";
import type { FailedVersion } from "../../../agent/trial/failed-versions.ts";

/** `a`: failed by itself; `a+1`: in unit 1; `a+1/other`: brought by another fleet; `a+1-`: by a Note. */
function failuresOf(...texts: string[]): Map<string, FailedVersion> {
  return new Map(
    texts.map((text) => {
      const [, path = "", unit, fleet = "mine", note] = /^(\w+)(?:\+(\d))?(?:\/(\w+))?(-)?$/.exec(text) ?? [];
      const version = { name: path, size: 1, seq: undefined, fleet: note ? undefined : fleet };
      const rest = { sha256: "1", reason: "run", detail: "", ended: undefined, removed: undefined };
      return [path, { ...rest, version, unit, forgiven: undefined }];
    }),
  );
}

describe("of what failed together", () => {
  test.each<[string[], string, { left: string[]; rest: string[] }]>([
    [["a+1", "b+1"], "ab", { left: [], rest: [] }],
    [["a+1", "b+1", "c+1"], "ac", { left: ["b"], rest: ["a", "c"] }],
    [["a+1", "b+1"], "", { left: ["a", "b"], rest: [] }],
    [["a+1", "b+1", "c+2", "d+2"], "acd", { left: ["b"], rest: ["a"] }],
    [["a", "b"], "a", { left: [], rest: [] }], // alone
    [["a+1-", "b+1-"], "", { left: [], rest: [] }], // what a Note brought leaves no manifest
    [["a+1/unknown", "b+1/unknown"], "", { left: [], rest: [] }],
  ])("%j, of which %j is asked for, these have left: %j", (failures, asked, parted) => {
    const still = [...asked].map((key) => ({ fleet: "mine", key }));
    expect(partedUnits(failuresOf(...failures), still, (fleet) => fleet === "mine")).toEqual(parted);
  });
});
