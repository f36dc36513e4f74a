import { readdir } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createRandom, readSeed } from "../../support/seeded-random.ts";
import type { Device, RunningAgent } from "../support/agent-under-test.ts";
import { ran, withRule } from "../support/app-rule.ts";
import {
  CHUNK,
  countOperations,
  dieAt,
  expectEnd,
  fileOf,
  NEW,
  OLD,
  updatedDevice,
  withDisk,
} from "../support/updated-device.ts";
import { choose, HOUR_MS, LONG } from "./support/cases.ts";
import { untilItRuns } from "./support/until-it-runs.ts";

const SEED = readSeed();

const CODES = ["ENOSPC", "EIO", "EROFS"] as const;

const GOOD = Buffer.from("#!/bin/sh\necho good >> ran\n");
const BAD = Buffer.from("#!/bin/sh\necho bad >> ran\nexit 1\n");
const rejectedUpdate = () =>
  updatedDevice([GOOD, BAD], (device) => withRule(device, { match: "sub/*", seconds: 5 }));

const timesBad = async (device: Device) => (await ran(device)).filter((word) => word === "bad").length;

/** The version before is back and runs, nothing is left of the trial, and the verdict holds. */
async function expectTakenBack(device: Device, agent: RunningAgent, what: string): Promise<void> {
  const { card } = device.fake;
  await expect.poll(() => card.queue, { message: what }).toEqual([]);
  const starts = await timesBad(device);
  card.publish("other", Buffer.from("x")); // the agent looks up, and settles what it could not before
  card.publish("sub/app.bin", BAD);
  await expect.poll(() => card.queue, { message: what }).toEqual([]);
  await expect.poll(() => readdir(path.join(device.state, "trials")), { message: what }).toEqual([]);
  await expect.poll(async () => (await ran(device)).at(-1), { message: what }).toBe("good");
  await expectEnd(device, GOOD, agent, "failed");
  expect(await timesBad(device), `${what}: starts once it was condemned`).toBe(starts);
  expect(card.fetches, what).toBeLessThanOrEqual(4);
}

test(
  "a disk that fails at one operation leaves the old file or the new one, and stops no delivery",
  async () => {
    const random = createRandom(SEED);
    const operations = await countOperations(await updatedDevice());
    for (const operation of choose(random, operations, 3)) {
      for (const code of LONG ? CODES : [random.pick(CODES)]) {
        const what = `${code} at ${operation}`;
        const device = await updatedDevice();
        const agent = await untilItRuns(device, device.spawn(withDisk([{ at: operation, code }])));
        const content = await fileOf(device);
        expect(content.equals(OLD) || content.equals(NEW), what).toBe(true);
        await expectEnd(device, NEW, agent);
        expect(device.fake.card.served, `${what}: bytes fetched`).toBeLessThanOrEqual(NEW.length + CHUNK);
        await device.end();
      }
    }
  },
  HOUR_MS,
);

test(
  "a disk that fails at one operation keeps no version that does not run, and lets none be started again",
  async () => {
    const random = createRandom(SEED + 1);
    const operations = await countOperations(await rejectedUpdate());
    for (const operation of choose(random, operations, 3)) {
      for (const code of LONG ? CODES : [random.pick(CODES)]) {
        const what = `${code} at ${operation}`;
        const device = await rejectedUpdate();
        const { flags } = device;
        const spawned = device.spawn(withDisk([{ at: operation, code }], flags));
        const agent = await untilItRuns(device, spawned, flags);
        await expectTakenBack(device, agent, what);
        expect(await timesBad(device), what).toBe(1);
        await device.end();
      }
    }
  },
  HOUR_MS,
);

test(
  "killed while it takes back a version that does not run: the old version is there in the end, and is not left again",
  async () => {
    const random = createRandom(SEED + 2);
    const operations = await countOperations(await rejectedUpdate());
    for (const operation of choose(random, operations, 2)) {
      for (const how of LONG ? ["kill", "power"] : [random.pick(["kill", "power"])]) {
        const device = await rejectedUpdate();
        const { flags } = device;
        const killed = device.spawn({ ...dieAt(operation, how), flags });
        await Promise.race([killed.ended, killed.next("failed")]).catch(() => undefined);
        await killed.stop("SIGKILL");
        const content = await fileOf(device);
        expect(content.equals(GOOD) || content.equals(BAD), `${how} at ${operation}`).toBe(true);
        await expectTakenBack(device, device.spawn({ flags }), `${how} at ${operation}`);
        await device.end();
      }
    }
  },
  HOUR_MS,
);
