import { expect, test } from "vitest";
import type { AskedFile } from "../../../agent/manifest/decide.ts";
import { voidVerdicts } from "../../../agent/manifest/void-verdicts.ts";
import type { FailedVersion } from "../../../agent/trial/failed-versions.ts";

const asked = (path: string, sha256: string): AskedFile => ({
  ...{ fleet: "fleet:1", path, key: `fleets/fleet:1/${path}`, seq: undefined },
  wanted: { size: 1, sha256, version: `v-${sha256}` },
  ...{ isHeldBack: false, isWithdrawn: false, authority: "manifest" },
});
const failed = (path: string, sha256: string, more: Partial<FailedVersion> = {}): [string, FailedVersion] => [
  path,
  {
    ...{ sha256, reason: "run", detail: "", unit: "u", removed: undefined, ended: undefined },
    version: { name: `fleets/fleet:1/${path}`, size: 1, fleet: "fleet:1" },
    ...{ forgiven: undefined, ...more },
  },
];
const pair = new Map([failed("app/x", "1"), failed("app/y", "2")]);

test("files that failed together stay condemned while all of them are asked for as they were [NF-9.12]", () => {
  expect(voidVerdicts([asked("app/x", "1"), asked("app/y", "2")], pair)).toEqual([]);
});

test.each([
  ["is asked for no more", [asked("app/x", "1")]],
  ["is another", [asked("app/x", "1"), asked("app/y", "3")]],
])("the rest is tried again once one of them %s [NF-9.12]", (_what, files) => {
  expect(voidVerdicts(files, pair)).toEqual(["app/x", "app/y"]);
});

test("nothing is tried again that nobody asks for, that failed alone, or that a Note had asked for [NF-9.12]", () => {
  expect(voidVerdicts([], pair)).toEqual([]);
  expect(voidVerdicts([], new Map([failed("app/x", "1", { unit: undefined })]))).toEqual([]);
  const byNote = { version: { name: "app/y", size: 1 } };
  const mixed = new Map([failed("app/x", "1"), failed("app/y", "2", byNote)]);
  expect(voidVerdicts([asked("app/x", "1")], mixed)).toEqual([]);
});
