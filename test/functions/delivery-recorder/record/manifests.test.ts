import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Report } from "../../../../functions/delivery-recorder/event/report.ts";
import type { DeliveryTable } from "../../../../functions/delivery-recorder/ports.ts";
import { Contended } from "../../../../functions/delivery-recorder/record/race.ts";
import { createRecordReport } from "../../../../functions/delivery-recorder/record/record-report.ts";
import { fileItem } from "../../../../protocol/delivery-items.ts";
import { readFleetEntry } from "../../../../protocol/delivery-table.ts";
import { formatInventory } from "../../../../protocol/inventory.ts";
import { formatManifestReceipt } from "../../../../protocol/manifest-receipt.ts";
import { whatTheTableSays } from "../support/expect-truth.ts";
import { createMemoryTable } from "../support/memory-table.ts";
import {
  COUNTS,
  FLEET,
  failureOf,
  keyOf,
  liveByManifests,
  manifestOf,
  PATHS,
  sha256Of,
  tellFleet,
  update,
} from "../support/model-manifests.ts";

const DEVICE = "dev:1";
const failure = (...args: Parameters<typeof failureOf> extends [string, ...infer Rest] ? Rest : never) =>
  failureOf(DEVICE, ...args);
const receiptOf = (...args: Parameters<typeof manifestOf> extends [string, ...infer Rest] ? Rest : never) =>
  manifestOf(DEVICE, ...args);

test("receipts of manifests and of failures, in any order, doubled and side by side, end in the truth [NF-11.12]", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(update, { minLength: 1, maxLength: 5 }),
      fc.scheduler(),
      fc.infiniteStream(fc.nat()),
      fc.record({ doubled: fc.boolean(), oneByOne: fc.boolean() }),
      async (updates, scheduler, order, { doubled, oneByOne }) => {
        const { reports, states } = liveByManifests(DEVICE, updates);
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
        const shuffled = [...reports, ...(doubled ? reports : [])]
          .map((report) => ({ report, by: order.next().value }))
          .toSorted((a, b) => a.by - b.by);
        if (oneByOne) for (const { report } of shuffled) await scheduler.waitFor(again(report));
        else await scheduler.waitFor(Promise.all(shuffled.map(({ report }) => again(report))));
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
    { numRuns: 150 },
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

describe("what failed is told by the receipt of the manifest alone [NF-11.12]", () => {
  const failed = async (table: DeliveryTable, path = "a") => (await table.file(DEVICE, path))?.value.reported;

  test("and is in trouble once, with what the fleet was told of, until a receipt says that it is over", async () => {
    const table = createMemoryTable();
    const record = createRecordReport(table);
    await tellFleet(table, "a", 3, 5);
    const news = { states: ["rolled-back", "rolled-back"], troubles: 2 };
    expect(await record(receiptOf(5, 10, ["a", "b"], 200, 3))).toEqual(news);
    const said = {
      key: keyOf("a"),
      sha256: sha256Of(3),
      state: "failed",
      reason: "run",
      ended: "exit 3",
      at: 10,
    };
    expect(await failed(table)).toMatchObject(said);
    // Its row of the fleet is still to come: how its content begins is known.
    expect(await failed(table, "b")).toMatchObject({ key: keyOf("b"), sha256: sha256Of(3).slice(0, 8) });
    expect((await table.file(DEVICE, "a"))?.value.announced?.sha256).toBe(sha256Of(3));
    expect(await record(receiptOf(6, 20, ["a", "b"], 200, 3))).toEqual({ states: [], troubles: 0 });
    expect((await failed(table))?.at).toBe(10);
    await record(receiptOf(7, 30, []));
    expect((await whatTheTableSays(table, DEVICE)).get("a")?.state).toBe("installed");
    expect(await record(receiptOf(8, 40, ["a"], 200, 3))).toEqual({ states: ["rolled-back"], troubles: 1 });
  });

  test("of a version before the newest that the fleet was told of, too, and not of what an older agent tells file by file", async () => {
    const table = createMemoryTable();
    const record = createRecordReport(table);
    await tellFleet(table, "a", 4, 6);
    await record(receiptOf(5, 10, ["a"], 200, 3));
    expect(await failed(table)).toMatchObject({ sha256: sha256Of(3).slice(0, 8) });
    await record(receiptOf(5, 10, ["b"]));
    expect(await failed(table, "b")).toBeUndefined();
  });

  test("and thirty files are in trouble each, where the list has one of their kind [NF-9.11]", async () => {
    const table = createMemoryTable();
    const record = createRecordReport(table);
    const unit = Array.from({ length: 30 }, (_, at) => `app/lib/python3/site-packages/module-${at}.py`);
    expect(await record(receiptOf(5, 10, unit, 200, 3))).toMatchObject({ troubles: 30 });
    const rows = await table.files(DEVICE);
    expect(rows.map(({ value }) => value.path).toSorted()).toEqual(unit.toSorted());
    expect(rows.every(({ value }) => value.reported?.ended === "exit 3")).toBe(true);
  });
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
