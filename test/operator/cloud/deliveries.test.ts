import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRecordReport } from "../../../functions/delivery-recorder/record/record-report.ts";
import { createDeliveries, type Deliveries } from "../../../operator/cloud/deliveries.ts";
import { createFleetTable } from "../../../operator/cloud/fleets/fleet-table.ts";
import { take, takeSome } from "../../../operator/cloud/take.ts";
import { fileItem } from "../../../protocol/delivery-items.ts";
import { stateOf } from "../../../protocol/delivery-state.ts";
import { SHARDS } from "../../../protocol/delivery-table.ts";
import { formatInventory } from "../../../protocol/inventory.ts";
import { formatManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import type { Receipt } from "../../../protocol/receipt.ts";
import { startDeliveryTable, TABLE_NAME } from "../../support/delivery-table.ts";

const DEVICES = 60;
const KEY = "app/main.py";
const SHA256 = "A".repeat(43);
const BEGAN = 1_700_000_000;

const deviceOf = (index: number) => `dev:${String(index).padStart(3, "0")}`;
/** Every tenth device takes the version back, every tenth was told and says nothing. */
const stateAt = (index: number) => (index % 10 === 3 ? "failed" : index % 10 === 7 ? undefined : "installed");

let world: Awaited<ReturnType<typeof startDeliveryTable>>;
let deliveries: Deliveries;

beforeAll(async () => {
  world = await startDeliveryTable();
  deliveries = createDeliveries(world.client, TABLE_NAME);
  const record = createRecordReport(world.table);
  for (let index = 0; index < DEVICES; index += 1) {
    const device = deviceOf(index);
    const n = BEGAN + index * 60;
    const at = n * 1000;
    const announced = { key: KEY, sha256: SHA256, etag: "e", versionId: "v1", size: 9, at: at - 5000 };
    await world.table.putOver(fileItem({ value: { device, path: KEY, announced }, revision: 0 }, undefined));
    const state = stateAt(index);
    if (state === undefined) continue;
    const reason = state === "failed" ? "run" : undefined;
    const receipt: Receipt & { n: number } = {
      name: KEY,
      sha256: SHA256,
      state,
      reason,
      bytes: 9,
      requests: 1,
      n,
    };
    await record({ kind: "receipt", device, at, receipt });
  }
}, 60_000);
afterAll(() => world[Symbol.asyncDispose]());

/** Runs a question, and tells what it read. */
async function counted<T>(
  question: () => Promise<T>,
): Promise<{ answer: T; items: number; requests: number }> {
  const before = { ...world.reads };
  const answer = await question();
  return {
    answer,
    items: world.reads.items - before.items,
    requests: world.reads.requests - before.requests,
  };
}

describe("the devices of a file", () => {
  test("are told by state, the newest first, whatever partition they are in", async () => {
    const installed = await take(deliveries.ofFile(KEY, 1000, "installed"), 1000);
    expect(installed).toHaveLength(48);
    expect(installed.map(({ at }) => at)).toEqual(installed.map(({ at }) => at).toSorted((a, b) => b - a));
    expect(installed[0]).toEqual({
      device: deviceOf(59),
      path: KEY,
      state: "installed",
      at: (BEGAN + 59 * 60) * 1000,
    });
  });

  test("are counted without a list", async () => {
    const { answer } = await counted(() => deliveries.count(KEY, 0));
    expect(answer.states).toEqual(
      new Map([
        ["announced", 6],
        ["installed", 48],
        ["rolled-back", 6],
      ]),
    );
  });

  test("are counted with those that were told long ago and have not answered, and when the first was", async () => {
    const first = (BEGAN + 7 * 60) * 1000 - 5000;
    const { silent } = await deliveries.count(KEY, first + 2 * 600_000 + 1);
    expect(silent).toEqual({ devices: 3, since: first });
    expect((await deliveries.count(KEY, first)).silent.devices).toBe(0);
  });

  test("cost what is shown: no question looks at the items of another file or state", async () => {
    const { answer, items } = await counted(() => take(deliveries.ofFile(KEY, 1000, "rolled-back"), 1000));
    expect(answer).toHaveLength(6);
    expect(items).toBe(6);
    const none = await counted(() => take(deliveries.ofFile("another", 10, "installed"), 10));
    expect(none.items).toBe(0);
  });

  test("are read a share of each partition at a time, and little more than is shown", async () => {
    const { answer, items } = await counted(() => take(deliveries.ofFile(KEY, 16, "installed"), 16));
    expect(answer).toHaveLength(16);
    expect(items).toBeLessThanOrEqual(16 + SHARDS * 2);
    const { items: ofDevices } = await counted(() => take(deliveries.devices("", 5), 5));
    expect(ofDevices).toBeLessThanOrEqual(5 + 2);
  });

  test("come whole, with their reasons, in the order that was asked for", async () => {
    const entries = await take(deliveries.ofFile(KEY, 3, "rolled-back"), 3);
    const whole = await deliveries.whole(entries);
    expect(whole.map(({ device }) => device)).toEqual(entries.map(({ device }) => device));
    expect(whole.map((delivery) => [stateOf(delivery, undefined), delivery.reported?.reason])).toEqual(
      Array(3).fill(["rolled-back", "run"]),
    );
  });
});

test("trouble is told, the newest first, and leaves when it is over", async () => {
  const before = await take(deliveries.trouble(1000), 1000);
  expect(before).toHaveLength(6);
  expect(before[0]).toMatchObject({ device: deviceOf(53), state: "rolled-back", path: KEY });
  const receipt = {
    name: KEY,
    sha256: SHA256,
    state: "installed" as const,
    bytes: 9,
    requests: 1,
    n: BEGAN * 2,
  };
  await createRecordReport(world.table)({ kind: "receipt", device: deviceOf(53), at: BEGAN * 2000, receipt });
  expect(await take(deliveries.trouble(1000), 1000)).toHaveLength(5);
});

test("a device that has other files than are known is in trouble, until all of them were heard of [NF-9.8]", async () => {
  const record = createRecordReport(world.table);
  const device = "dev:many";
  const at = BEGAN * 3000;
  const receipt = (name: string, n: number, sha256 = SHA256) =>
    record({
      ...{ kind: "receipt", device, at },
      receipt: { name, sha256, state: "installed", bytes: 1, requests: 1, n },
    });
  const troubles = async () =>
    (await take(deliveries.trouble(1000), 1000)).filter((each) => each.device === device);
  await receipt("a", 10);
  await receipt("b", 30);
  const total = (n: number, ...files: string[]) => ({
    ...formatInventory(
      files.map((path) => ({ path, sha256: SHA256 })),
      n,
    ),
    files: undefined,
  });
  expect(await record({ kind: "inventory", device, at, inventory: total(20, "a", "c") })).toEqual({
    states: ["differs"],
    troubles: 1,
  });
  expect(await troubles()).toEqual([{ device, path: "", state: "differs", at }]);
  expect((await deliveries.device(device))?.device.check).toEqual({ n: 20, verdict: "differs", known: 1 });
  await receipt("c", 15); // late: it was known to the device then
  expect(await troubles()).toEqual([]);
  await receipt("a", 16, "B".repeat(43));
  expect(await troubles()).toHaveLength(1);
  await receipt("a", 40);
  await receipt("c", 41);
  expect(await troubles()).toEqual([]);
});

test("all devices are found, each once, those too that were only told", async () => {
  const record = createRecordReport(world.table);
  const inventory = formatInventory([{ path: "b", sha256: SHA256 }], BEGAN);
  await record({ kind: "inventory", device: "dev:new", at: BEGAN * 1000, inventory });
  const found = await take(deliveries.devices("", 1000), 1000);
  expect(found).toHaveLength(new Set(found).size);
  expect(found).toContain("dev:new");
  expect(found).toContain(deviceOf(0));
});

describe("a device", () => {
  test("is one question, however many devices there are", async () => {
    const { answer, items, requests } = await counted(() => deliveries.device(deviceOf(3)));
    expect(answer?.files).toMatchObject([{ path: KEY, reported: { state: "failed", reason: "run" } }]);
    expect({ items, requests }).toEqual({ items: 2, requests: 1 });
  });

  test("that nobody knows is none", async () => {
    expect(await deliveries.device("dev:unknown")).toBeUndefined();
  });

  test("has a history, the newest first, without what is past its time", async () => {
    const device = "dev:history";
    const record = createRecordReport(world.table);
    for (const [at, n] of [BEGAN, BEGAN + 5].entries()) {
      const receipt = {
        name: `f${at}`,
        sha256: SHA256,
        state: "installed" as const,
        bytes: 1,
        requests: 1,
        n,
      };
      await record({ kind: "receipt", device, at: n * 1000, receipt });
    }
    const now = (BEGAN + 60) * 1000;
    const told = await take(deliveries.history(device, 10, now), 10);
    expect(told).toMatchObject([{ name: "f1", n: BEGAN + 5 }, { name: "f0" }]);
    const later = now + 90 * 24 * 3600 * 1000 - 58_000;
    expect(await take(deliveries.history(device, 10, later), 10)).toHaveLength(1);
  });
});

test("the devices of a fleet are read by their keys alone, and what some said one by one", async () => {
  const fleets = createFleetTable(world.client, TABLE_NAME);
  const record = createRecordReport(world.table);
  for (let index = 0; index < 30; index += 1) {
    const counts = { installed: 1, unchanged: 0, removed: 0, bytes: 9, requests: 1 };
    const fleet = index < 20 ? "fleet:a" : "fleet:b";
    const whole = formatManifestReceipt({ fleet, serial: 1 + index, ...counts }, [], []);
    for (const n of [1, 2])
      await record({ kind: "manifest", device: deviceOf(index), at: n, manifest: { ...whole, n } });
  }
  const { answer, items, requests } = await counted(() => fleets.devicesOf("fleet:a"));
  expect(answer.map(({ device }) => device).toSorted()).toEqual(
    Array.from({ length: 20 }, (_, index) => deviceOf(index)),
  );
  expect({ items, requests }).toEqual({ items: 20, requests: SHARDS });
  const said = await fleets.saidBy("fleet:a", [deviceOf(3), deviceOf(25)]);
  expect([...said.keys()]).toEqual([deviceOf(3)]);
  expect(said.get(deviceOf(3))).toMatchObject({ serial: 4, n: 2 });
  expect((await deliveries.device(deviceOf(3)))?.manifests).toMatchObject([{ fleet: "fleet:a", serial: 4 }]);
});

test("a screen of what is in trouble reads little more than the screen, however much there is", async () => {
  for (let index = 0; index < 200; index += 1) {
    const n = BEGAN * 4 + index;
    const said = { key: KEY, n, sha256: SHA256, state: "failed" as const, bytes: 9, requests: 1 };
    const value = { device: `dev:t${index}`, path: KEY, reported: { ...said, at: n * 1000 } };
    await world.table.putOver(fileItem({ value, revision: 0 }, undefined));
  }
  const { answer, items } = await counted(() => takeSome(deliveries.trouble(50), 50));
  expect(answer).toMatchObject({ taken: { length: 50 }, more: true });
  expect(answer.taken[49]?.device).toBe("dev:t150");
  expect(items).toBeLessThanOrEqual(50 + SHARDS * 4);
});
