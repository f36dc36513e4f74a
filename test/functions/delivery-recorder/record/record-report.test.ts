import fc from "fast-check";
import { expect, test } from "vitest";
import type { Report } from "../../../../functions/delivery-recorder/event/notehub-event.ts";
import {
  Contended,
  createRecordReport,
} from "../../../../functions/delivery-recorder/record/record-report.ts";
import { stateOf } from "../../../../protocol/delivery-state.ts";
import { formatInventory, shortSha256 } from "../../../../protocol/inventory.ts";
import { placedIn } from "../../../../protocol/placed.ts";
import { createMemoryTable, type MemoryTable } from "../support/memory-table.ts";
import { happening, type Life, live, PATHS } from "../support/model-device.ts";

const DEVICE = "dev:1";
async function whatTheTableSays(table: MemoryTable) {
  const inventory = (await table.device(DEVICE))?.value.inventory;
  const files = await table.files(DEVICE);
  const entries = files.map(({ value }) => {
    const placed = placedIn(value, inventory);
    const { sha256 } = placed ?? {};
    return [
      value.path,
      { sha256, isPlaced: placed !== undefined, state: stateOf(value, inventory), reported: value.reported },
    ] as const;
  });
  return new Map(entries);
}

/** What is shown is so, or the device is shown as one that has something else. */
async function expectTruth(table: MemoryTable, { reports, files, verdict, provable }: Life): Promise<void> {
  const said = await whatTheTableSays(table);
  const device = await table.device(DEVICE);
  const found = device?.value.check?.verdict;
  expect(provable ? [verdict, "agrees"] : [verdict]).toContain(found);
  const item = [...table.items.values()].find(({ sk }) => Object(sk).S === "device");
  expect(item?.troubleSk !== undefined).toBe(found === "differs");
  for (const path of PATHS) {
    const shown = said.get(path);
    const last = reports.findLast((each) => each.kind === "receipt" && each.receipt.name === path);
    expect(shown?.reported?.n).toBe(last?.kind === "receipt" ? last.receipt.n : undefined);
    if (found === "differs" || found === "unknown") continue;
    if (found === "outdated" && shown?.sha256 === undefined && shown?.isPlaced !== true) continue; // nothing is said of it
    const short = (sha256: string | undefined) => (sha256 === undefined ? undefined : shortSha256(sha256));
    expect(short(shown?.sha256), path).toBe(short(files.get(path)));
  }
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
        const said = await scheduler.waitFor(whatTheTableSays(table));
        await scheduler.waitFor(expectTruth(table, life));
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
        await expectTruth(steady, life);
      },
    ),
    { numRuns: 200 },
  );
});

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
      await scheduler.waitFor(Promise.all(all.map(record)));
      const device = await scheduler.waitFor(table.device(DEVICE));
      expect(device?.value.check).toEqual({ n: n + 10, verdict: "agrees", known: 3 });
    }),
    { numRuns: 500 },
  );
});
