import { describe, expect, test } from "vitest";
import type { Report } from "../../../../functions/delivery-recorder/event/report.ts";
import { createRecordReport } from "../../../../functions/delivery-recorder/record/record-report.ts";
import { formatInventory } from "../../../../protocol/inventory.ts";
import { whatTheTableSays } from "../support/expect-truth.ts";
import { createMemoryTable } from "../support/memory-table.ts";

const DEVICE = "dev:1";
const FILES = 300;
const receipt = (file: number, n: number): Report => {
  const body = { sha256: "A".repeat(43), state: "installed" as const, bytes: 1, requests: 1 };
  return { device: DEVICE, at: n, kind: "receipt", receipt: { name: `file-${file}`, ...body, n } };
};
const wiped: Report = { device: DEVICE, at: 999, kind: "inventory", inventory: formatInventory([], 999) };

/** A device with many files, and a count of what its table is asked from then on. */
async function setUp(onWrite: (writes: number) => void = () => undefined) {
  const used = { reads: 0, writes: 0, underWay: 0, most: 0 };
  const table = createMemoryTable(async (what) => {
    if (what === "read") used.reads += 1;
    else onWrite(++used.writes);
    used.most = Math.max(used.most, ++used.underWay);
    await new Promise(setImmediate);
    used.underWay -= 1;
  });
  const record = createRecordReport(table);
  for (let file = 0; file < FILES; file += 1) await record(receipt(file, 1 + file));
  const states = async () => [...(await whatTheTableSays(table, DEVICE)).values()].map(({ state }) => state);
  Object.assign(used, { reads: 0, writes: 0, most: 0 });
  return { record, used, states };
}

describe("a device that lost many files", () => {
  test("is one write for each, a bounded number of them side by side", async () => {
    const { record, used, states } = await setUp();
    expect((await record(wiped)).states).toEqual(Array(FILES).fill("missing"));
    expect(await states()).toEqual(Array(FILES).fill("missing"));
    expect(used.writes).toBe(FILES + 2); // the history and the device itself
    expect(used.most).toBe(16);
  });

  test("is finished by what comes again, which writes only what was not written", async () => {
    let cut: AbortController | undefined;
    const { record, used, states } = await setUp((writes) => {
      if (writes === 100) cut?.abort(new Error("the time is up"));
    });
    cut = new AbortController();
    await expect(record(wiped, cut.signal)).rejects.toThrow("the time is up");
    expect(used.underWay).toBe(0);
    const written = used.writes;
    expect(written).toBeLessThan(FILES);
    await record(wiped);
    expect(await states()).toEqual(Array(FILES).fill("missing"));
    expect(used.writes).toBe(FILES + 3); // the history twice: it is the same item
  });
});

test("a receipt reads its device before and after, and its file", async () => {
  const { record, used } = await setUp();
  await record(receipt(0, 500));
  expect(used).toMatchObject({ reads: 3, writes: 2 });
});
