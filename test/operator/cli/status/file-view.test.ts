import { expect, test } from "vitest";
import { fileRow } from "../../../../operator/cli/status/file-row.ts";
import { fileView } from "../../../../operator/cloud/file-view.ts";
import type { Delivery } from "../../../../protocol/delivery-state.ts";

const [OLD, NEW] = ["A".repeat(43), "B".repeat(43)];
const announced = { key: "app", sha256: OLD, etag: "e", versionId: "v1", seq: "AQ", size: 1, at: 1000 };
const reported = { key: "app", n: 5, sha256: OLD, bytes: 1, requests: 1, at: 2000 };
const unannounced = { key: "app", sha256: NEW, versionId: "v2", seq: "Ag", at: 3000, reason: "notehub-503" };
const rowOf = (parts: Partial<Delivery>) =>
  fileRow(fileView({ device: "dev:1", path: "app", ...parts }, undefined));
const since = (ms: number) => new Date(ms).toISOString();

test.each<[string, Partial<Delivery>, string[]]>([
  ["told", { announced }, ["announced", "app", "", "AAAAAAAA", since(1000)]],
  [
    "taken back",
    { announced, reported: { ...reported, state: "failed", reason: "run", ended: "exit 3" } },
    ["rolled-back", "app", "run (exit 3)", "AAAAAAAA", since(2000)],
  ],
  [
    "taken back by an agent that does not say more",
    { announced, reported: { ...reported, state: "failed", reason: "run" } },
    ["rolled-back", "app", "run", "AAAAAAAA", since(2000)],
  ],
  [
    "taken back, found with that version at its next start",
    {
      announced,
      reported: { ...reported, state: "failed", reason: "run", ended: "exit 3", way: "patch" },
      placed: { n: 6, sha256: OLD.slice(0, 8), at: 4000 },
    },
    ["installed", "app", "", "AAAAAAAA", since(4000)],
  ],
  [
    "stopped, found with it at its next start",
    {
      announced,
      reported: { ...reported, state: "stopped", reason: "exit 3" },
      placed: { n: 6, sha256: OLD, at: 4000 },
    },
    ["stopped", "app", "exit 3", "AAAAAAAA", since(2000)],
  ],
  [
    "told to go back, to what it said at a start that it has",
    {
      announced,
      reported: { ...reported, sha256: NEW, state: "failed", reason: "run", ended: "exit 3" },
      placed: { n: 6, sha256: OLD.slice(0, 8), at: 4000 },
    },
    ["installed", "app", "", "AAAAAAAA", since(4000)],
  ],
  [
    "wiped",
    {
      announced,
      reported: { ...reported, state: "stopped", reason: "exit 3" },
      placed: { n: 6, sha256: undefined, at: 4000 },
    },
    ["missing", "app", "", "AAAAAAAA", since(4000)],
  ],
  [
    "told since of another",
    {
      announced: { ...announced, at: 5000 },
      reported: { ...reported, sha256: NEW, state: "failed", reason: "run", way: "patch" },
    },
    ["announced", "app", "", "AAAAAAAA", since(5000)],
  ],
  [
    "not told of the newer one, which is what is shown",
    { announced, reported: { ...reported, state: "installed" }, unannounced },
    ["not-announced", "app", "notehub-503", "BBBBBBBB", since(3000)],
  ],
  [
    "not told of a file that was not read",
    { announced, unannounced: { ...unannounced, sha256: undefined } },
    ["not-announced", "app", "notehub-503", "", since(3000)],
  ],
])("a file of a device that was %s", (_what, parts, row) => {
  expect(rowOf(parts)).toEqual(row);
});

test("how another version came is not said of the one that is there", () => {
  const parts = {
    announced,
    reported: { ...reported, sha256: NEW, state: "failed" as const, reason: "run", way: "patch" },
    placed: { n: 6, sha256: OLD, at: 4000 },
  };
  const { reason, ended, way } = fileView({ device: "dev:1", path: "app", ...parts }, undefined);
  expect([reason, ended, way]).toEqual([undefined, undefined, undefined]);
});
