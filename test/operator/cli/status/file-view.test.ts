import { expect, test } from "vitest";
import { fileRow, fileView } from "../../../../operator/cli/status/file-view.ts";
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
