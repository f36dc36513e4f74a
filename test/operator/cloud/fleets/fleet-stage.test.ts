import fc from "fast-check";
import { expect, test } from "vitest";
import { STAGES, stagesOf } from "../../../../operator/cloud/fleets/fleet-stage.ts";
import type { FleetEntry } from "../../../../protocol/delivery-table.ts";
import type { StoredManifest } from "../../../../protocol/fleet-state.ts";

const stored = (serial: number): StoredManifest => {
  return { serial, sha256: "A".repeat(43), size: 1, at: serial * 1000 };
};
const told = {
  announced: { revision: 1, serial: 30, at: 30_500 },
  manifests: [stored(40), stored(30), stored(20), stored(10)], // the newest is not announced yet
};
const entry = (device: string, serial: number, more: Partial<FleetEntry> = {}): FleetEntry => {
  return { device, serial, hasExceptions: false, time: serial * 1000 + 5, ...more };
};

test.each([
  ["what is announced", entry("dev:1", 30), { stage: "current", since: 30_005 }],
  ["more than that, as after an answer that nobody saw", entry("dev:1", 40), { stage: "current" }],
  ["all but a path", entry("dev:1", 30, { hasExceptions: true }), { stage: "exceptions" }],
  [
    "the one before",
    entry("dev:1", 20),
    { stage: "behind", lacks: { manifests: 1, orMore: false }, since: 30_000 },
  ],
  [
    "an older one",
    entry("dev:1", 10),
    { stage: "behind", lacks: { manifests: 2, orMore: false }, since: 20_000 },
  ],
  ["one that nobody keeps", entry("dev:1", 5), { lacks: { manifests: 3, orMore: true }, since: 10_000 }],
] as const)("a device that has %s", (_what, spoke, stage) => {
  expect(stagesOf(told, [spoke], undefined)).toMatchObject([stage]);
});

test("nobody is behind what was never announced", () => {
  const [device] = stagesOf({ announced: undefined, manifests: [] }, [entry("dev:1", 5)], new Set(["dev:1"]));
  expect(device?.stage).toBe("current");
});

test("each device of the fleet has one stage, those first that somebody should look at; who has left has none", () => {
  const device = fc.nat(20).map((n) => `dev:${n}`);
  const spoke = fc.uniqueArray(
    fc
      .tuple(device, fc.constantFrom(5, 10, 20, 30, 40), fc.boolean())
      .map(([uid, serial, hasExceptions]) => entry(uid, serial, { hasExceptions })),
    { selector: (each) => each.device },
  );
  fc.assert(
    fc.property(spoke, fc.uniqueArray(device), (entries, members) => {
      const stages = stagesOf(told, entries, new Set(members));
      expect(stages.map((each) => each.device).toSorted()).toEqual(members.toSorted());
      const order = stages.map(({ stage }) => STAGES.indexOf(stage));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      const behind = stages.filter(({ stage }) => stage === "behind").map(({ serial = 0 }) => serial);
      expect(behind).toEqual(behind.toSorted((a, b) => a - b));
    }),
  );
});
