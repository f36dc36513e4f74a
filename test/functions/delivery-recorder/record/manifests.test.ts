import fc from "fast-check";
import { expect, test } from "vitest";
import type { Report } from "../../../../functions/delivery-recorder/event/notehub-event.ts";
import { Contended } from "../../../../functions/delivery-recorder/record/race.ts";
import { createRecordReport } from "../../../../functions/delivery-recorder/record/record-report.ts";
import type { Announced } from "../../../../protocol/announced.ts";
import { fileItem } from "../../../../protocol/delivery-items.ts";
import { readFleetEntry } from "../../../../protocol/delivery-table.ts";
import { formatInventory } from "../../../../protocol/inventory.ts";
import { formatManifestReceipt } from "../../../../protocol/manifest-receipt.ts";
import type { Receipt } from "../../../../protocol/receipt.ts";
import { whatTheTableSays } from "../support/expect-truth.ts";
import { createMemoryTable, type MemoryTable } from "../support/memory-table.ts";

const DEVICE = "dev:1";
const FLEET = "fleet:a";
const PATHS = ["a", "b", "c"];
/** The last goes to the fleet by default. */
const keyOf = (path: string) => (path === "c" ? "c" : `fleets/${FLEET}/${path}`);
const sha256Of = (version: number) => String.fromCharCode(65 + version).repeat(43);
const COUNTS = { installed: 1, unchanged: 0, removed: 0, bytes: 9, requests: 1 };

const failure = (path: string, n: number, version: number, state: Receipt["state"] = "failed"): Report => {
  const receipt = { name: keyOf(path), sha256: sha256Of(version), state, bytes: 1, requests: 1, n };
  return { device: DEVICE, at: n, kind: "receipt", receipt: { ...receipt, reason: "run" } };
};
const receiptOf = (serial: number, n: number, not: readonly string[], room = 200): Report => {
  const exceptions = not.map((path): [string, "failed", string] => [path, "failed", "run"]);
  const whole = formatManifestReceipt({ fleet: FLEET, serial, ...COUNTS }, [], exceptions);
  const manifest = { ...whole, not: whole.not?.slice(0, room), exceptions: not.length, n };
  return { device: DEVICE, at: n, kind: "manifest", manifest };
};

/** What the notifier has on record of a fleet. */
async function tellFleet(table: MemoryTable, path: string, version: number, serial: number): Promise<void> {
  const announced: Announced = {
    ...{ key: keyOf(path), sha256: sha256Of(version), etag: "e", versionId: "v", size: 1, at: 1, serial },
  };
  const before = await table.file(FLEET, path);
  const value = { device: FLEET, path, announced };
  await table.putOver(fileItem({ value, revision: before?.revision ?? 0 }, undefined));
}

/** A manifest that a device brings itself to: what fails, has room in the receipt, and fails later, each path of them. */
const update = fc.record({
  fails: fc.subarray(PATHS),
  room: fc.constantFrom(0, 1, 200),
  failsLater: fc.subarray(PATHS),
});

test("receipts of manifests and of failures, in any order, doubled and side by side, end in the truth [NF-11.12]", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(update, { minLength: 1, maxLength: 5 }),
      fc.scheduler(),
      fc.infiniteStream(fc.nat()),
      async (updates, scheduler, order) => {
        const reports: Report[] = [];
        /** Two where it depends on what was heard of when. */
        const states = new Map<string, string[]>();
        let n = 0;
        for (const [serial, { fails, room, failsLater }] of updates.entries()) {
          for (const path of fails) reports.push(failure(path, ++n, serial));
          reports.push(receiptOf(serial + 1, ++n, fails, room));
          for (const path of fails) states.set(path, ["rolled-back"]);
          for (const [path, was] of states) {
            if (fails.includes(path)) continue;
            // What a list lacks that has no room for all may be one of those: then only an older receipt can have ended it.
            const older = was.includes("installed") ? ["installed", "rolled-back"] : was;
            states.set(path, fails.length <= room ? ["installed"] : older);
          }
          for (const path of failsLater) {
            reports.push(failure(path, ++n, serial));
            states.set(path, ["rolled-back"]);
          }
        }
        const table = createMemoryTable((what) => scheduler.schedule(Promise.resolve(), what));
        await scheduler.waitFor(
          Promise.all(PATHS.map((path) => tellFleet(table, path, updates.length - 1, updates.length))),
        );
        const record = createRecordReport(table);
        const again = async (report: Report): Promise<void> => {
          await record(report).catch((error) => {
            if (error instanceof Contended) return again(report);
            throw error;
          });
        };
        const shuffled = [...reports, ...reports]
          .map((report) => ({ report, by: order.next().value }))
          .toSorted((a, b) => a.by - b.by);
        await scheduler.waitFor(Promise.all(shuffled.map(({ report }) => again(report))));
        const said = await scheduler.waitFor(whatTheTableSays(table, DEVICE));
        expect([...said.keys()].toSorted()).toEqual([...states.keys()].toSorted());
        for (const [path, { state }] of said) expect(states.get(path)).toContain(state);
        const [known] = await scheduler.waitFor(table.manifests(DEVICE));
        expect(known?.value.said.serial).toBe(updates.length);
        const troubles = [...table.items.values()].filter(({ troubleSk }) => troubleSk !== undefined);
        expect(troubles).toHaveLength(
          [...said.values()].filter(({ state }) => state === "rolled-back").length,
        );
      },
    ),
    { numRuns: 300 },
  );
});

test("a write that fails in the middle loses nothing: what comes again finishes it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(4)), async (dice) => {
      const table = createMemoryTable(async () => {
        if (dice.next().value === 0) throw new Error("the table is away");
      });
      const record = createRecordReport(table);
      const until = async (report: Report): Promise<unknown> => record(report).catch(() => until(report));
      await until(receiptOf(2, 9, ["b"]));
      await until(failure("a", 1, 0));
      await until(failure("b", 2, 0));
      const steady = createMemoryTable();
      for (const [name, item] of table.items) steady.items.set(name, item);
      const said = await whatTheTableSays(steady, DEVICE);
      expect([said.get("a")?.state, said.get("b")?.state]).toEqual(["installed", "rolled-back"]);
      expect(await steady.device(DEVICE)).toBeDefined();
    }),
    { numRuns: 200 },
  );
});

test("a program that stopped is over with another version alone", async () => {
  const table = createMemoryTable();
  const record = createRecordReport(table);
  const state = async () => (await whatTheTableSays(table, DEVICE)).get("a")?.state;
  await tellFleet(table, "a", 0, 1);
  await record(failure("a", 1, 0, "stopped"));
  await record(receiptOf(2, 2, []));
  expect(await state()).toBe("stopped");
  await tellFleet(table, "a", 1, 4);
  await record(receiptOf(3, 3, [])); // of before
  expect(await state()).toBe("stopped");
  await record(receiptOf(4, 4, []));
  expect(await state()).toBe("installed");
});

test("a device that was told of an older version by a Note is in trouble with what its manifest brought", async () => {
  const table = createMemoryTable();
  const record = createRecordReport(table);
  const announced = { key: keyOf("a"), sha256: sha256Of(0), etag: "e", versionId: "v", size: 1, at: 0 };
  await table.putOver(fileItem({ value: { device: DEVICE, path: "a", announced }, revision: 0 }, undefined));
  await tellFleet(table, "a", 1, 5);
  expect(await record(failure("a", 1, 1))).toEqual({ states: ["rolled-back"], troubles: 1 });
});

test("another device's key, and another fleet's, is none of its business", async () => {
  const table = createMemoryTable();
  const record = createRecordReport(table);
  for (const name of [`devices/${DEVICE}/a`, "fleets/fleet:b/b", "c"]) {
    const receipt = { name, sha256: sha256Of(0), state: "failed" as const, bytes: 1, requests: 1, n: 1 };
    await record({ device: DEVICE, at: 1, kind: "receipt", receipt });
  }
  await record(receiptOf(2, 2, []));
  const states = [...(await whatTheTableSays(table, DEVICE)).values()].map(({ state }) => state);
  expect(states).toEqual(["failed", "failed", "failed"]);
});

test("a device with many files is not said to differ for what a manifest brought [NF-9.8]", async () => {
  const files = Array.from({ length: 300 }, (_, at) => ({ path: `f${at}`, sha256: sha256Of(at % 20) }));
  for (const [there, verdict] of [
    [files, "agrees"],
    [files.slice(1), "unknown"],
  ] as const) {
    const table = createMemoryTable();
    const record = createRecordReport(table);
    const whole = formatManifestReceipt({ fleet: FLEET, serial: 1, ...COUNTS }, files, []);
    const reports: Report[] = [
      { device: DEVICE, at: 1, kind: "manifest", manifest: { ...whole, n: 1 } },
      { device: DEVICE, at: 2, kind: "inventory", inventory: formatInventory(there, 2) },
    ];
    for (const report of [...reports].reverse()) await record(report);
    expect((await table.device(DEVICE))?.value.check?.verdict).toBe(verdict);
  }
});

test("a fleet's index has the newest of each device, with its serial and whether there are exceptions", async () => {
  const table = createMemoryTable();
  const record = createRecordReport(table);
  await record(receiptOf(7, 20, ["a"]));
  await record(receiptOf(6, 10, []));
  const entries = [...table.items.values()].flatMap((item) => readFleetEntry(Object(item)) ?? []);
  expect(entries).toEqual([{ device: DEVICE, serial: 7, hasExceptions: true, time: 20 }]);
});
