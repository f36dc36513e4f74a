import { expect, test } from "vitest";
import { type Delivery, type KnownInventory, stateOf } from "../../protocol/delivery-state.ts";

const [OLD, NEW] = ["A".repeat(43), "B".repeat(43)];
const AT = 1_700_000_000_000;
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
  ["never told, and there", {}, list(6, has(OLD)), "installed"],
  ["never told, and gone", { placed: { n: 5, sha256: OLD, at: AT } }, list(6, []), "removed"],
])("%s", (_what, parts, inventory, state) => {
  expect(stateOf(delivery(parts), inventory)).toBe(state);
});
