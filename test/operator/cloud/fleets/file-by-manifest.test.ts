import { expect, test } from "vitest";
import { fileByManifestView } from "../../../../operator/cli/status/file-view.ts";
import { type FleetFacts, fileByManifest } from "../../../../operator/cloud/fleets/file-by-manifest.ts";
import type { Delivery } from "../../../../protocol/delivery-state.ts";
import type { KnownManifest } from "../../../../protocol/device-manifest.ts";
import type { Manifest, ManifestFile } from "../../../../protocol/manifest.ts";
import { isInShare } from "../../../../protocol/share.ts";

const FLEET = "fleet:a";
const KEY = `fleets/${FLEET}/app`;
const [OLD, NEW] = ["A".repeat(43), "B".repeat(43)];
const SHARE: [number, string] = [50, "salt"];
const devices = Array.from({ length: 20 }, (_, at) => `dev:${at}`);
const IN = devices.find((device) => isInShare(SHARE, device)) ?? "";
const OUT = devices.find((device) => !isInShare(SHARE, device)) ?? "";

const file = (sha256: string, more: Partial<ManifestFile> = {}): ManifestFile => {
  return { path: "app", key: KEY, size: 9, sha256, version: `v-${sha256[0]}`, seq: "AQ", ...more };
};
const manifest = (serial: number, ...files: ManifestFile[]): Manifest => {
  return { fleet: FLEET, serial, prune: false, files };
};
const said = (serial: number, n: number, not?: KnownManifest["not"]): KnownManifest => {
  const counts = { installed: 1, unchanged: 0, removed: 0, bytes: 9, requests: 1 };
  return { state: "manifest", n, fleet: FLEET, serial, ...counts, digest: OLD, not, at: n };
};
const [FIRST, SECOND] = [manifest(1, file(OLD)), manifest(2, file(NEW, { seq: "Ag" }))];
const reported = { key: KEY, n: 50, sha256: NEW, bytes: 1, requests: 1, at: 50 };

/** What is shown of the file, with the row of it, where the table has one. */
function show(
  device: string,
  facts: Partial<FleetFacts>,
  row?: Partial<Delivery>,
  asked = (facts.current ?? SECOND).files[0] ?? file(NEW),
): unknown[] | undefined {
  const known = row && { device, path: "app", ...row };
  const whole = { current: SECOND, announcedAt: 10, said: undefined, theirs: undefined, ...facts };
  const found = fileByManifest(device, asked, known, whole);
  if (found === undefined) return undefined;
  const { state, reason, sha256, share, at } = fileByManifestView(found, undefined);
  return [state, reason, sha256?.[0], share, Date.parse(at)];
}

test.each<[string, Partial<FleetFacts>, Partial<Delivery> | undefined, unknown[]]>([
  ["never spoke of it", {}, undefined, ["announced", undefined, "B", undefined, 10]],
  ["is behind", { said: said(1, 5), theirs: FIRST }, undefined, ["announced", undefined, "B", undefined, 10]],
  [
    "spoke of a manifest that nobody keeps any more",
    { said: said(1, 5) },
    undefined,
    ["announced", undefined, "B", undefined, 10],
  ],
  ["has it", { said: said(2, 20), theirs: SECOND }, undefined, ["installed", undefined, "B", undefined, 20]],
  [
    "has it since an older manifest",
    { said: said(2, 5), theirs: SECOND, current: manifest(3, file(NEW)) },
    undefined,
    ["installed", undefined, "B", undefined, 5],
  ],
  [
    "waits for something",
    { said: said(2, 20, [["app", "waiting", "room"]]), theirs: SECOND },
    undefined,
    ["waiting", "room", "B", undefined, 20],
  ],
  [
    "has what another fleet says",
    { said: said(2, 20, [["app", "unchanged", "other-fleet"]]), theirs: SECOND },
    undefined,
    ["overruled", "other-fleet", "B", undefined, 20],
  ],
  [
    "took it back, and whose receipt has not come",
    { said: said(2, 20, [["app", "failed", "run"]]), theirs: SECOND },
    undefined,
    ["rolled-back", "run", "B", undefined, 20],
  ],
  [
    "said so of an older manifest alone",
    { said: said(1, 5, [["app", "waiting", "room"]]), theirs: FIRST },
    undefined,
    ["announced", undefined, "B", undefined, 10],
  ],
  [
    "took it back, and has a receipt of its own for that",
    { said: said(2, 60, [["app", "failed", "run"]]), theirs: SECOND },
    { reported: { ...reported, state: "failed", reason: "run" } },
    ["rolled-back", "run", "B", undefined, 50],
  ],
  [
    "took it back after it had it",
    { said: said(2, 20), theirs: SECOND },
    { reported: { ...reported, state: "failed", reason: "run" } },
    ["rolled-back", "run", "B", undefined, 50],
  ],
  [
    "has it now, after it had failed",
    { said: said(2, 60), theirs: SECOND },
    { reported: { ...reported, state: "failed", reason: "run" } },
    ["installed", undefined, "B", undefined, 60],
  ],
  [
    "has it, and its program stopped",
    { said: said(2, 60), theirs: SECOND },
    { reported: { ...reported, state: "stopped", reason: "exit 3" } },
    ["stopped", "exit 3", "B", undefined, 50],
  ],
  [
    "failed with the version before",
    { said: said(1, 5), theirs: FIRST },
    { reported: { ...reported, sha256: OLD, n: 4, state: "failed" } },
    ["announced", undefined, "B", undefined, 10],
  ],
  [
    "had it, and was wiped since",
    { said: said(2, 20), theirs: SECOND },
    { placed: { n: 30, at: 30, sha256: undefined }, had: { n: 20, at: 20, sha256: NEW } },
    ["missing", undefined, "B", undefined, 30],
  ],
  [
    "was told of an older version by a Note",
    {},
    { announced: { key: KEY, versionId: "v", sha256: OLD, etag: "e", size: 1, seq: "AQ", at: 99 } },
    ["announced", undefined, "B", undefined, 10],
  ],
])("a device that %s [NF-11.12]", (_what, facts, row, shown) => {
  expect(show("dev:1", facts, row)).toEqual(shown);
});

test("outside a share the version before counts, and none where there was none [NF-11.8] [NF-11.9]", () => {
  const previous = { size: 9, sha256: OLD, version: "v-A" };
  const current = manifest(2, file(NEW, { seq: "Ag", share: SHARE, previous }));
  const facts = { current, said: said(2, 20), theirs: current };
  expect(show(IN, facts)).toEqual(["installed", undefined, "B", "in", 20]);
  expect(show(OUT, facts)).toEqual(["installed", undefined, "A", "out", 20]);
  const behind = { current, said: said(1, 5), theirs: FIRST };
  expect(show(IN, behind)).toEqual(["announced", undefined, "B", "in", 10]);
  expect(show(OUT, behind)).toEqual(["installed", undefined, "A", "out", 5]);
  const held = { ...facts, said: said(2, 20, [["app", "held-back", "gone"]]) };
  expect(show(OUT, held)).toEqual(["held-back", "gone", "A", "out", 20]);
  const fresh = manifest(2, file(NEW, { share: SHARE }));
  expect(show(OUT, { current: fresh })).toBeUndefined();
});

test("a key of the device's own has its path until it is gone [NF-11.10]", () => {
  const announced = { key: "devices/dev:1/app", versionId: "v", sha256: OLD, etag: "e", size: 1, at: 1 };
  expect(show("dev:1", {}, { announced })).toBeUndefined();
  const withdrawn = [{ key: announced.key, at: 2 }];
  expect(show("dev:1", {}, { announced, withdrawn })?.[0]).toBe("announced");
  const later = { announced: { ...announced, at: 15 }, withdrawn: [{ key: announced.key, at: 16 }] };
  const back = { said: said(2, 20), theirs: SECOND };
  expect(show("dev:1", back, later)).toEqual(["installed", undefined, "B", undefined, 20]);
});
