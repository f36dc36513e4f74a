import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { createDeliveries } from "../../operator/cloud/deliveries.ts";
import { createFleetTable } from "../../operator/cloud/fleets/fleet-table.ts";
import { deviceItem, fileItem, fleetItem, historyItem, type Item } from "../../protocol/delivery-items.ts";
import type { KnownManifest } from "../../protocol/device-manifest.ts";
import { type BenchTable, TABLE_NAME } from "./bench-table.ts";

/** Items that one request writes. */
const BATCH = 25;
const BOUND_MS = 100;
const RUNS = 9;
/** Events of the device whose history is asked for. */
const HISTORY = 500;

/** Fills the table, and asks each question some times. */
export async function measureQuestions(
  { client, used }: BenchTable,
  { devices, files }: { devices: number; files: number },
): Promise<void> {
  let batch: Item[] = [];
  const write = async (item: Item | undefined) => {
    if (item !== undefined) batch.push(item);
    if (batch.length < BATCH && item !== undefined) return;
    const requests = batch.map((Item) => ({ PutRequest: { Item } }));
    batch = [];
    if (requests.length > 0)
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE_NAME]: requests } }));
  };
  const deviceOf = (index: number) => `dev:${String(index).padStart(15, "0")}`;
  const began = performance.now();
  for (let index = 0; index < devices; index += 1) {
    const device = deviceOf(index);
    await write(deviceItem({ value: { device }, revision: 0 }).Item);
    await write(fleetItem({ value: { device, said: saidAt(index) }, revision: 0 }).Item);
    for (let file = 0; file < files; file += 1) {
      const [key, n] = [`app/file-${file}`, 1_700_000_000 + index * files + file];
      const state = (index + file) % 100 === 0 ? ("failed" as const) : ("installed" as const);
      const said = { key, n, sha256: "A".repeat(43), state, bytes: 9, requests: 1, at: n * 1000 };
      await write(fileItem({ value: { device, path: key, reported: said }, revision: 0 }, undefined).Item);
    }
  }
  for (let n = 1; n <= HISTORY; n += 1) {
    const said = {
      name: "app/file-0",
      sha256: "A".repeat(43),
      state: "installed",
      bytes: 9,
      requests: 1,
    } as const;
    await write(historyItem(deviceOf(1), { ...said, n }, Date.now()));
  }
  await write(undefined);
  const seconds = (performance.now() - began) / 1000;
  console.log(`${devices * files} files of ${devices} devices written in ${seconds.toFixed(0)} s`);

  const deliveries = createDeliveries(client, TABLE_NAME);
  const first = async (items: AsyncIterable<unknown>, most: number) => {
    let shown = 0;
    for await (const _ of items) if (++shown === most) break;
    return shown;
  };
  const questions: [string, () => Promise<number>][] = [
    ["what a device has", async () => (await deliveries.device(deviceOf(devices >> 1)))?.files.length ?? 0],
    [
      "a screen of the devices that have a file",
      () => first(deliveries.ofFile("app/file-3", 50, "installed"), 50),
    ],
    ["a screen of those where it failed", () => first(deliveries.ofFile("app/file-3", 50, "failed"), 50)],
    ["a screen of what is in trouble", () => first(deliveries.trouble(50), 50)],
    ["a device's history", () => first(deliveries.history(deviceOf(1), 50, Date.now()), 50)],
    ["a screen of devices", () => first(deliveries.devices("", 50), 50)],
    [
      "how far the devices of a fleet are",
      async () => (await createFleetTable(client, TABLE_NAME).devicesOf("fleet:a")).length,
    ],
    [
      "how many devices have a file, by state",
      async () => (await deliveries.count("app/file-3", 0)).states.size,
    ],
  ];
  for (const [question, ask] of questions) {
    const times: number[] = [];
    let shown = 0;
    const items = used.items;
    for (let run = 0; run < RUNS; run += 1) {
      const start = performance.now();
      shown = await ask();
      times.push(performance.now() - start);
    }
    const median = times.toSorted((a, b) => a - b)[RUNS >> 1] ?? 0;
    const verdict = median < BOUND_MS ? "" : `  over the bound of ${BOUND_MS} ms`;
    if (median >= BOUND_MS) process.exitCode = 1;
    console.log(
      `${question}: ${median.toFixed(0)} ms, shows ${shown}, reads ${Math.round((used.items - items) / RUNS)}${verdict}`,
    );
  }
}

/** Each device has brought itself to one of a fleet's manifests. */
function saidAt(index: number): KnownManifest {
  const counts = { installed: 20, unchanged: 0, removed: 0, bytes: 9, requests: 1 };
  const [n, serial] = [1_700_000_000 + index, 216_000_000 + (index % 5)];
  return { state: "manifest", n, fleet: "fleet:a", serial, ...counts, digest: "A".repeat(43), at: n * 1000 };
}
