import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createDeliveryPages,
  type DeliveryPages,
  type Page,
} from "../../../operator/cloud/delivery-pages.ts";
import { deviceItem, fileItem } from "../../../protocol/delivery-items.ts";
import type { DeliveryState } from "../../../protocol/delivery-state.ts";
import { SHARDS } from "../../../protocol/delivery-table.ts";
import { startDeliveryTable, TABLE_NAME } from "../../support/delivery-table.ts";

const DEVICES = 60;
const KEY = "app/main.py";
const deviceOf = (index: number) => `dev:${String(index).padStart(3, "0")}`;
const all = Array.from({ length: DEVICES }, (_, index) => deviceOf(index));

let world: Awaited<ReturnType<typeof startDeliveryTable>>;
let pages: DeliveryPages;

beforeAll(async () => {
  world = await startDeliveryTable();
  pages = createDeliveryPages(world.client, TABLE_NAME);
  for (const [index, device] of all.entries()) {
    await world.table.putOver(deviceItem({ value: { device }, revision: 0 }));
    // Many at one time: where their keys in an index are alike, a page must neither lose nor repeat one.
    const at = 1_700_000_000_000 + (index % 4) * 1000;
    for (const path of [KEY, "other.py"]) {
      const state = index % 3 === 0 ? ("failed" as const) : ("installed" as const);
      const reported = { key: KEY, n: at, sha256: "A".repeat(43), state, bytes: 1, requests: 1, at };
      await world.table.putOver(fileItem({ value: { device, path, reported }, revision: 0 }, undefined));
    }
  }
}, 60_000);
afterAll(() => world[Symbol.asyncDispose]());

/** All pages of a list, one after the other. */
async function pageThrough<T>(ask: (after: string | undefined) => Promise<Page<T>>): Promise<T[][]> {
  const found: T[][] = [];
  let after: string | undefined;
  do {
    const page = await ask(after);
    found.push(page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}

test.each([3, 7, 25, 60, 100])(
  "pages of %i devices are all devices, each once and in order",
  async (most) => {
    const found = await pageThrough((after) => pages.devices("", most, after));
    expect(found.flat()).toEqual(all);
    expect(found.slice(0, -1).every((page) => page.length === most)).toBe(true);
    expect(found.at(-1)?.length).toBeGreaterThan(0); // no page is empty, not even the last
  },
);

test("those whose UIDs begin so, and how many they are", async () => {
  expect((await pageThrough((after) => pages.devices("dev:01", 4, after))).flat()).toEqual(all.slice(10, 20));
  expect(await pages.countDevices("dev:01", 100)).toBe(10);
  expect(await pages.countDevices("", 1000)).toBe(DEVICES);
  expect(await pages.countDevices("", 5)).toBe(5);
  expect(await pages.devices("dev:x", 5)).toEqual({ items: [] });
});

test.each([3, 6, 39])("pages of %i troubles lose and repeat none, newest first", async (most) => {
  const found = (await pageThrough((after) => pages.trouble(most, after))).flat();
  expect(new Set(found.map(({ device, path }) => `${device} ${path}`)).size).toBe(40);
  expect(found).toHaveLength(40);
  const times = found.map(({ at }) => at);
  expect(times).toEqual([...times].sort((one, other) => other - one));
});

test.each([9, 45, 200])("pages of %i go through a file's states, one after the other", async (most) => {
  const states: DeliveryState[] = ["failed", "announced", "installed"];
  const found = (await pageThrough((after) => pages.ofFile(KEY, states, most, after))).flat();
  expect(found).toHaveLength(2 * DEVICES);
  expect(new Set(found.map(({ device, path }) => `${device} ${path}`)).size).toBe(2 * DEVICES);
  expect(found.map(({ state }) => state)).toEqual([
    ...Array(40).fill("failed"),
    ...Array(80).fill("installed"),
  ]);
});

test("a page reads what it shows, and a share of each partition", async () => {
  const before = world.reads.items;
  await pages.devices("", 8);
  expect(world.reads.items - before).toBeLessThanOrEqual(SHARDS * 2 * 2);
});

test("what no page gave is refused", async () => {
  const few = Buffer.from(JSON.stringify({ places: [null] })).toString("base64url");
  for (const after of ["", "!", few, "e30"])
    await expect(pages.devices("", 5, after)).rejects.toMatchObject({ code: "usage" });
});
