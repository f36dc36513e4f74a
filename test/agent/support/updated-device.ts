import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type Device, type RunningAgent, type StartOptions, startDevice } from "./agent-under-test.ts";
import type { DiskFault } from "./die-at-operation.ts";
import { type FakeCard, sha256 } from "./fake-card.ts";
import { patternedBytes } from "./patterned-bytes.ts";

export const CHUNK = 6000;
export const OLD = patternedBytes(9000, 1);
export const NEW = patternedBytes(2 * CHUNK + 500, 2);

const PRELOAD = path.join(import.meta.dirname, "die-at-operation.ts");

/** For an agent that dies at an operation on the disk. */
export function dieAt(operation: number, how: string): StartOptions {
  return { node: ["--import", PRELOAD], env: { DIE_AT: String(operation), DIE_HOW: how } };
}

/** For an agent whose disk fails. */
export function withDisk(faults: readonly DiskFault[], flags: string[] = []): StartOptions {
  return { flags, node: ["--import", PRELOAD], env: { DISK_FAULTS: JSON.stringify(faults) } };
}

export const fileOf = ({ root }: Device) => readFile(path.join(root, "sub/app.bin"));

/** A device that has one version of `sub/app.bin`, with the next one announced. */
export async function updatedDevice(
  versions: [Buffer, Buffer] = [OLD, NEW],
  flagsOf: (device: Device) => Promise<string[]> = async () => [],
  publish: (card: FakeCard, content: Buffer, order: 1 | 2) => void = (card, content) =>
    card.publish("sub/app.bin", content),
): Promise<Device & { flags: string[] }> {
  const device = await startDevice();
  const flags = await flagsOf(device);
  publish(device.fake.card, versions[0], 1);
  const agent = device.start({ flags });
  await agent.next("installed");
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  await agent.stop();
  publish(device.fake.card, versions[1], 2);
  device.fake.card.served = 0;
  return { ...device, flags };
}

/** Counts the operations on the disk that an agent does until its queue is empty. */
export async function countOperations(device: Device & { flags: string[] }): Promise<number> {
  const countFile = path.join(device.folder, "count");
  const agent = device.spawn({
    flags: device.flags,
    ...{ node: ["--import", PRELOAD], env: { COUNT_FILE: countFile } },
  });
  await expect.poll(() => device.fake.card.queue, { timeout: 60_000 }).toEqual([]);
  await agent.stop();
  const counted = Number(await readFile(countFile, "utf8"));
  expect(counted).toBeGreaterThan(20);
  await device.end();
  return counted;
}

/**
 * Waits until an agent has died. One that has come to its end is told to stop: the last operations are those of stopping, and there may be fewer than were
 * counted, since what is written side by side is sometimes written as one.
 */
export async function untilDead({ fake }: Device, agent: RunningAgent): Promise<void> {
  let isDead = false;
  void agent.ended.then(() => {
    isDead = true;
  });
  while (!isDead && fake.card.queue.length > 0) await sleep(20);
  await agent.stop();
}

/** Whoever comes next brings it to its end, and leaves nothing lying about. */
export async function expectEnd(
  device: Device,
  newest: Buffer,
  agent: RunningAgent = device.start(),
  state: "installed" | "failed" = "installed",
): Promise<void> {
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  await agent.stop();
  expect((await fileOf(device)).equals(newest)).toBe(true);
  expect(await readdir(path.join(device.root, "sub"))).toEqual(["app.bin"]);
  // What a receipt said of an older version may come after it: killed in between, the agent tries that one too.
  const { receipts } = device.fake.card;
  const ofNewest = receipts.filter((receipt) => Object(receipt).sha256 === sha256(newest));
  if (state === "failed") expect(receipts.at(-1)).toMatchObject({ state });
  else expect(["installed", "unchanged"]).toContain(Object(ofNewest.at(-1)).state);
}
