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

const DEVICE = "dev:1";
const PATHS = ["a", "b", "c"];
const SHA256 = ["A", "B", "C"].map((letter) => letter.repeat(43));

/** What happens at a device, and what it then has; each is reported under the next number. */
type Happening =
  | { what: "installs" | "fails" | "stops" | "removes"; path: string; sha256: string }
  | { what: "tells" }
  | { what: "is-wiped" }
  | { what: "is-restored"; files: Map<string, string> };

const happening = fc.oneof(
  fc.record({
    what: fc.constantFrom("installs" as const, "fails" as const, "stops" as const, "removes" as const),
    path: fc.constantFrom(...PATHS),
    sha256: fc.constantFrom(...SHA256),
  }),
  fc.record({ what: fc.constantFrom("tells" as const, "is-wiped" as const) }),
  fc.record({
    what: fc.constant("is-restored" as const),
    files: fc
      .array(fc.tuple(fc.constantFrom(...PATHS), fc.constantFrom(...SHA256)))
      .map((files) => new Map(files)),
  }),
);

/** A device's life: its reports in their order, and what is on it in the end. */
function live(happenings: readonly Happening[]): { reports: Report[]; files: Map<string, string> } {
  let files = new Map<string, string>();
  const reports: Report[] = [];
  happenings.forEach((each, index) => {
    const n = 1_700_000_000 + index * 7;
    const at = n * 1000;
    if (each.what === "tells" || each.what === "is-wiped" || each.what === "is-restored") {
      if (each.what === "is-wiped") files = new Map();
      if (each.what === "is-restored") files = new Map(each.files);
      const placed = [...files].map(([path, sha256]) => ({ path, sha256 }));
      reports.push({ device: DEVICE, at, kind: "inventory", inventory: formatInventory(placed, n) });
      return;
    }
    const { what, path, sha256 } = each;
    const state = ({ installs: "installed", fails: "failed", stops: "stopped", removes: "removed" } as const)[
      what
    ];
    if (state === "installed") files.set(path, sha256);
    if (state === "removed") files.delete(path);
    const reason = state === "failed" ? { reason: "run" } : {};
    const receipt = { name: path, sha256, state, ...reason, bytes: 1, requests: 1, n };
    reports.push({ device: DEVICE, at, kind: "receipt", receipt });
  });
  return { reports, files };
}

async function whatTheTableSays(table: MemoryTable) {
  const inventory = (await table.device(DEVICE))?.value.inventory;
  const files = await table.files(DEVICE);
  const entries = files.map(({ value }) => {
    const sha256 = placedIn(value, inventory)?.sha256;
    return [value.path, { sha256, state: stateOf(value, inventory), reported: value.reported }] as const;
  });
  return new Map(entries);
}

test("reports in any order, doubled and side by side, end in the truth", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 1, maxLength: 12 }),
      fc.scheduler(),
      fc.infiniteStream(fc.nat()),
      fc.boolean(),
      async (happenings, scheduler, order, doubled) => {
        const { reports, files } = live(happenings);
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
        for (const path of PATHS) {
          const there = said.get(path)?.sha256;
          expect(there === undefined ? undefined : shortSha256(there), path).toBe(
            files.has(path) ? shortSha256(files.get(path) ?? "") : undefined,
          );
          const last = reports.findLast((each) => each.kind === "receipt" && each.receipt.name === path);
          expect(said.get(path)?.reported?.n).toBe(last?.kind === "receipt" ? last.receipt.n : undefined);
        }
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
      fc.array(happening, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.nat(5)),
      async (happenings, dice) => {
        const { reports, files } = live(happenings);
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
        const said = await whatTheTableSays(steady);
        for (const path of PATHS) {
          const there = said.get(path)?.sha256;
          expect(there === undefined ? undefined : shortSha256(there)).toBe(
            files.has(path) ? shortSha256(files.get(path) ?? "") : undefined,
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});
