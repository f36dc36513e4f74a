import { expect, test } from "vitest";
import { type Delivery, stateOf } from "../../protocol/delivery-state.ts";
import type { KnownInventory } from "../../protocol/placed.ts";

const [OLD, NEW] = ["A".repeat(43), "B".repeat(43)];
const AT = 1_700_000_000_000;
const unannounced = {
  key: "app",
  sha256: NEW,
  versionId: "v2",
  seq: "Ag",
  at: AT,
  reason: "Notehub answered 404",
};
const announced = { key: "app", sha256: NEW, etag: "e", versionId: "v2", size: 1, at: AT };
const reported = (state: "installed" | "failed" | "stopped" | "refused", n: number, sha256 = NEW) => ({
  ...{ key: "app", n, sha256, state, bytes: 1, requests: 1, at: AT + n },
  ...(state === "failed" ? { reason: "run" } : {}),
});
const list = (n: number, files: [string, string][]): KnownInventory => ({
  ...{ state: "inventory", n, count: files.length, digest: "C".repeat(43), files, at: AT + n },
});
const has = (sha256: string): [string, string][] => [["app", sha256.slice(0, 8)]];
const delivery = (parts: Partial<Delivery>): Delivery => ({ device: "dev:1", path: "app", ...parts });

test.each<[string, Partial<Delivery>, KnownInventory | undefined, string]>([
  ["told, and not heard of", { announced }, undefined, "announced"],
  ["told while it was silent, and it has none", { announced }, list(1, []), "announced"],
  ["told, and it has the old one", { announced }, list(1, has(OLD)), "announced"],
  ["told, and it has it already", { announced }, list(1, has(NEW)), "installed"],
  ["installed", { announced, reported: reported("installed", 5) }, list(4, []), "installed"],
  [
    "a report of the version before",
    { announced, reported: reported("installed", 5, OLD) },
    undefined,
    "announced",
  ],
  ["taken back", { announced, reported: reported("failed", 5) }, undefined, "rolled-back"],
  [
    "taken back, and a start since",
    { announced, reported: reported("failed", 5) },
    list(6, has(OLD)),
    "rolled-back",
  ],
  [
    "taken back, and there was none before",
    { announced, reported: reported("failed", 5) },
    list(6, []),
    "rolled-back",
  ],
  [
    "taken back, and wiped since",
    { announced, reported: reported("failed", 5), had: { n: 4, sha256: OLD, at: AT } },
    list(6, []),
    "missing",
  ],
  [
    "taken back, and the one before was taken away before",
    { announced, reported: reported("failed", 5), had: { n: 4, at: AT } },
    list(6, []),
    "rolled-back",
  ],
  [
    "taken back, and put there by hand",
    { announced, reported: reported("failed", 5) },
    list(6, has(NEW)),
    "installed",
  ],
  ["refused, and a start since", { announced, reported: reported("refused", 5) }, list(6, []), "refused"],
  [
    "stopped, and a start since",
    { announced, reported: reported("stopped", 5) },
    list(6, has(NEW)),
    "stopped",
  ],
  ["wiped", { announced, reported: reported("installed", 5) }, list(6, []), "missing"],
  [
    "put back to an old image",
    { announced, reported: reported("installed", 5) },
    list(6, has(OLD)),
    "missing",
  ],
  ["not told", { unannounced }, undefined, "not-announced"],
  [
    "not told, since it was too big to read",
    { unannounced: { ...unannounced, sha256: undefined } },
    list(6, has(NEW)),
    "not-announced",
  ],
  [
    "not told, and it has the one before",
    {
      unannounced,
      announced: { ...announced, seq: "AQ", sha256: OLD },
      reported: reported("installed", 5, OLD),
    },
    list(6, has(OLD)),
    "not-announced",
  ],
  ["told in the end", { unannounced, announced: { ...announced, seq: "Ag" } }, undefined, "announced"],
  ["told of a newer one", { unannounced, announced: { ...announced, seq: "Aw" } }, undefined, "announced"],
  [
    "not told under another key, later",
    { unannounced: { ...unannounced, key: "devices/dev:1/app", at: AT + 1 }, announced },
    undefined,
    "not-announced",
  ],
  [
    "not told under another key, before",
    { unannounced: { ...unannounced, key: "devices/dev:1/app", at: AT - 1 }, announced },
    undefined,
    "announced",
  ],
  [
    "not told by us, and it has it",
    { unannounced, reported: reported("installed", 5) },
    undefined,
    "installed",
  ],
  ["not told by us, and it is there", { unannounced }, list(6, has(NEW)), "installed"],
  [
    "not told by us, and it did not run",
    { unannounced, reported: reported("failed", 5) },
    undefined,
    "rolled-back",
  ],
  ["never told, and there", {}, list(6, has(OLD)), "installed"],
  ["never told, and gone", { placed: { n: 5, sha256: OLD, at: AT } }, list(6, []), "removed"],
])("%s", (_what, parts, inventory, state) => {
  expect(stateOf(delivery(parts), inventory)).toBe(state);
});
