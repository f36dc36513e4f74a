import { expect, test } from "vitest";
import { placesTriedAgain } from "../../../agent/manifest/tried-again.ts";
import type { FailedVersion } from "../../../agent/trial/failed-versions.ts";

const failed = (sha256: string, more: Partial<FailedVersion> = {}): FailedVersion => {
  const known = { removed: undefined, ended: undefined, version: undefined, forgiven: undefined };
  return { ...known, reason: "run", detail: "", unit: "u", sha256, ...more };
};
const failures = new Map([
  ["a", failed("A")],
  ["b", failed("B")],
  ["alone", failed("C", { unit: undefined })],
]);
const again = (wanted: Record<string, string>, of = failures) =>
  [...placesTriedAgain(new Map(Object.entries(wanted)), of)].toSorted();

test("what failed with a file that is another now is tried again, what failed alone or as it was is not [NF-9.12]", () => {
  expect(again({ a: "A", b: "B", alone: "C" })).toEqual([]);
  expect(again({ a: "A2", b: "B", alone: "C2" })).toEqual(["b"]);
  expect(again({ a: "", b: "B" })).toEqual(["b"]); // it is to be removed
  expect(again({ a: "A2", b: "B2" })).toEqual([]);
});

test("what nobody asks for any more is no other version, or it would be so after each trial", () => {
  expect(again({ b: "B" })).toEqual([]);
});

test("what somebody asked for again is tried with all that failed with it", () => {
  const forgiven = new Map(
    [...failures].map(([place, each]) => [place, { ...each, forgiven: true } as const]),
  );
  expect(again({ a: "A", b: "B", alone: "C" }, forgiven)).toEqual(["a", "b"]);
});
