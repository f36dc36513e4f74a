import fc from "fast-check";
import { expect, test } from "vitest";
import type { Report } from "../../../../functions/delivery-recorder/event/report.ts";
import { Contended } from "../../../../functions/delivery-recorder/record/race.ts";
import { createRecordReport } from "../../../../functions/delivery-recorder/record/record-report.ts";
import { formatInventory } from "../../../../protocol/inventory.ts";
import { expectTruth, whatTheTableSays } from "../support/expect-truth.ts";
import { createMemoryTable, type MemoryTable } from "../support/memory-table.ts";
import { happening, live, PATHS } from "../support/model-device.ts";

const DEVICE = "dev:1";
/** The index has the device where somebody should look at it. */
async function expectIndexed(table: MemoryTable): Promise<void> {
  const { check } = (await table.device(DEVICE))?.value ?? {};
  const item = [...table.items.values()].find(({ sk }) => Object(sk).S === "device");
  expect(item?.troubleSk !== undefined).toBe(check?.verdict === "differs");
}

test("reports in any order, doubled and side by side, end in the truth", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 1, maxLength: 10, size: "max" }),
      fc.scheduler(),
      fc.infiniteStream(fc.nat()),
      fc.boolean(),
      async (happenings, scheduler, order, doubled) => {
        const life = live(DEVICE, happenings);
        const { reports } = life;
        const table = createMemoryTable((what) => scheduler.schedule(Promise.resolve(), what));
        const record = createRecordReport(table);
        const again = async (report: Report): Promise<void> => {
          await record(report).catch((error) => {
            if (error instanceof Contended) return again(report); // as Notehub sends it once more
            throw error;
          });
        };
        const shuffled = [...reports, ...(doubled ? reports : [])]
          .map((report) => ({ report, by: order.next().value }))
          .toSorted((a, b) => a.by - b.by);
        await scheduler.waitFor(Promise.all(shuffled.map(({ report }) => again(report))));
        const said = await scheduler.waitFor(whatTheTableSays(table, DEVICE));
        await scheduler.waitFor(expectTruth(table, DEVICE, life));
        await scheduler.waitFor(expectIndexed(table));
        // The index has the state that a reader works out from all of it.
        for (const item of table.items.values()) {
          if (item.fileSk === undefined || !("S" in item.fileSk) || !("S" in (item.sk ?? {}))) continue;
          const path = String(Object(item.sk).S).slice("file#".length);
          expect(item.fileSk.S.split("#")[0]).toBe(said.get(path)?.state);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a write that fails in the middle loses nothing: what comes again finishes it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 1, maxLength: 8, size: "max" }),
      fc.infiniteStream(fc.nat(5)),
      async (happenings, dice) => {
        const life = live(DEVICE, happenings);
        const { reports } = life;
        const table = createMemoryTable(async () => {
          if (dice.next().value === 0) throw new Error("the table is away");
        });
        const record = createRecordReport(table);
        for (const report of reports) {
          for (let done = false; !done; ) {
            done = await record(report).then(
              () => true,
              () => false,
            );
          }
        }
        const steady = createMemoryTable();
        for (const [name, item] of table.items) steady.items.set(name, item);
        await expectTruth(steady, DEVICE, life);
      },
    ),
    { numRuns: 200 },
  );
});

test.each(["missing", "rolled-back"])(
  "a device that took a version back and says then that it has nothing: %s, in whatever order that comes",
  async (state) => {
    const receipt = { name: "a", sha256: "A".repeat(43), state: "installed" as const, bytes: 1, requests: 1 };
    const failed = { ...receipt, sha256: "B".repeat(43), state: "failed" as const, reason: "run", n: 2 };
    const reports: Report[] = [
      ...(state === "missing"
        ? [{ device: DEVICE, at: 1, kind: "receipt" as const, receipt: { ...receipt, n: 1 } }]
        : []),
      { device: DEVICE, at: 2, kind: "receipt", receipt: failed },
      { device: DEVICE, at: 3, kind: "inventory", inventory: formatInventory([], 3) },
    ];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(reports, { minLength: reports.length }), async (order) => {
        const table = createMemoryTable();
        for (const report of order) await createRecordReport(table)(report);
        expect((await whatTheTableSays(table, DEVICE)).get("a")?.state).toBe(state);
      }),
    );
  },
);

test("an inventory without its list, and all that it is compared with, side by side", async () => {
  const sha256 = "A".repeat(43);
  const files = PATHS.map((path) => ({ path, sha256 }));
  const n = 1_700_000_000;
  const reports: Report[] = files.map(({ path: name }, index) => {
    const receipt = { name, sha256, state: "installed" as const, bytes: 1, requests: 1, n: n + index };
    return { device: DEVICE, at: n, kind: "receipt", receipt };
  });
  const inventory = { ...formatInventory(files, n + 10), files: undefined };
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const table = createMemoryTable((what) => scheduler.schedule(Promise.resolve(), what));
      const record = createRecordReport(table);
      const all = [...reports, { device: DEVICE, at: n, kind: "inventory" as const, inventory }];
      await scheduler.waitFor(Promise.all(all.map((report) => record(report))));
      const device = await scheduler.waitFor(table.device(DEVICE));
      expect(device?.value.check).toEqual({ n: n + 10, verdict: "agrees", known: 3 });
    }),
    { numRuns: 500 },
  );
});
