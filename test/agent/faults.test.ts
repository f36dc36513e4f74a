import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createRandom, type Random, readSeed } from "../support/seeded-random.ts";
import {
  type Device,
  type RunningAgent,
  type StartOptions,
  startDevice,
} from "./support/agent-under-test.ts";
import type { FakeRequest, Stroke } from "./support/fake-notecard.ts";
import { patternedBytes } from "./support/patterned-bytes.ts";

/** NOTEFERRY_FAULTS=long runs every case. */
const LONG = process.env.NOTEFERRY_FAULTS === "long";
const SEED = readSeed();

const HOUR_MS = 3_600_000;
const CHUNK = 6000;
const OLD = patternedBytes(9000, 1);
const NEW = patternedBytes(2 * CHUNK + 500, 2);
const PRELOAD = path.join(import.meta.dirname, "support/die-at-operation.ts");

const file = ({ root }: Device) => readFile(path.join(root, "sub/app.bin"));

/** A device that has the old version, with the new one announced. */
async function updatedDevice(): Promise<Device> {
  const device = await startDevice();
  device.fake.card.publish("sub/app.bin", OLD);
  const agent = device.start();
  await agent.next("installed");
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  await agent.stop();
  device.fake.card.publish("sub/app.bin", NEW);
  device.fake.card.served = 0;
  return device;
}

function dieAt(operation: number, how: string): StartOptions {
  return { node: ["--import", PRELOAD], env: { DIE_AT: String(operation), DIE_HOW: how } };
}

async function expectOldOrNew(device: Device, what: string): Promise<void> {
  const content = await file(device);
  expect(content.equals(OLD) || content.equals(NEW), `${what}: neither the old nor the new file`).toBe(true);
}

/** Whoever comes next brings it to its end, and leaves nothing lying about. */
async function expectEnd(
  device: Device,
  newest: Buffer,
  agent: RunningAgent = device.start(),
  state: "installed" | "failed" = "installed",
): Promise<void> {
  await expect.poll(() => device.fake.card.queue, { timeout: 15_000 }).toEqual([]);
  await agent.stop();
  expect((await file(device)).equals(newest)).toBe(true);
  expect(await readdir(path.join(device.root, "sub"))).toEqual(["app.bin"]);
  const states = state === "installed" ? ["installed", "unchanged"] : ["failed"];
  expect(states).toContain(Object(device.fake.card.receipts.at(-1)).state);
}

describe("an agent that dies at an operation on the disk", () => {
  let counted: number | undefined;

  /** How many there are in one update. */
  async function countOperations(): Promise<number> {
    const device = await updatedDevice();
    const countFile = path.join(device.folder, "count");
    const agent = device.spawn({ node: ["--import", PRELOAD], env: { COUNT_FILE: countFile } });
    await agent.next("installed");
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    await agent.stop();
    counted = Number(await readFile(countFile, "utf8"));
    expect(counted).toBeGreaterThan(20);
    return counted;
  }

  test.each(["kill", "power"])(
    "leaves the old file or the new one, and the next goes on from there: %s [NF-9.2]",
    async (how) => {
      const random = createRandom(SEED);
      const operations = counted ?? (await countOperations());
      const all = Array.from({ length: operations }, (_, index) => index + 1);
      const chosen = LONG ? all : Array.from({ length: 4 }, () => 1 + random.below(operations));
      for (const operation of chosen) {
        const device = await updatedDevice();
        await device.spawn(dieAt(operation, how)).ended;
        await expectOldOrNew(device, `${how} at ${operation}`);
        await expectEnd(device, NEW);
        expect(device.fake.card.served, `${how} at ${operation}: bytes fetched`).toBeLessThanOrEqual(
          NEW.length + CHUNK,
        );
      }
    },
    HOUR_MS,
  );

  test(
    "and whose successor dies as well, leaves no less",
    async () => {
      const random = createRandom(SEED + 1);
      const operations = counted ?? (await countOperations());
      const pairs = LONG ? 200 : 2;
      for (let pair = 0; pair < pairs; pair += 1) {
        const device = await updatedDevice();
        for (const _ of [1, 2]) {
          const operation = 1 + random.below(operations);
          const how = random.pick(["kill", "power"]);
          const agent = device.spawn(dieAt(operation, how));
          // A successor that has less to do may not get as far as that operation.
          await Promise.race([
            agent.ended,
            expect.poll(() => device.fake.card.queue, { timeout: HOUR_MS }).toEqual([]),
          ]);
          await agent.stop("SIGKILL");
          await expectOldOrNew(device, `${how} at ${operation}`);
        }
        await expectEnd(device, NEW);
        expect(device.fake.card.served).toBeLessThanOrEqual(NEW.length + 2 * CHUNK);
      }
    },
    HOUR_MS,
  );
});

test(
  "killed while it takes back a version that does not run: the old version is there in the end, and is not left again",
  async () => {
    const random = createRandom(SEED + 3);
    const good = Buffer.from("#!/bin/sh\nexit 0\n");
    const bad = Buffer.from("#!/bin/sh\nexit 1\n");
    for (let operation = 1; operation <= (LONG ? 60 : 3); operation += 1) {
      const device = await startDevice();
      const config = path.join(device.folder, "config.json");
      await writeFile(config, JSON.stringify({ run: [{ match: "sub/*", command: ["{path}"], seconds: 5 }] }));
      const flags = ["--config", config];
      device.fake.card.publish("sub/app.bin", good);
      const first = device.start({ flags });
      await first.next("installed");
      await expect.poll(() => device.fake.card.queue).toEqual([]);
      await first.stop();
      device.fake.card.publish("sub/app.bin", bad);
      const killed = device.spawn({
        ...dieAt(LONG ? operation : 1 + random.below(50), random.pick(["kill", "power"])),
        flags,
      });
      await Promise.race([killed.ended, killed.next("failed")]).catch(() => undefined);
      await killed.stop("SIGKILL");
      await expectEnd(device, good, device.start({ flags }), "failed");
      expect(device.fake.card.fetches).toBeLessThanOrEqual(3);
      await device.end();
    }
  },
  HOUR_MS,
);

/** Trouble on the line and behind it, for one request in five. */
function troubleMaker(random: Random): (request: FakeRequest) => Stroke | undefined {
  const strokes: ((request: FakeRequest) => Stroke)[] = [
    () => ({ hangUp: true }),
    () => ({ raw: '\r\n{"half": \r\n' }),
    () => ({ mangle: (line) => Buffer.concat([line.subarray(0, line.length / 2), Buffer.from("\r\n")]) }),
    () => ({
      mangle: (line) => line.map((byte, at) => (at === line.length >> 1 ? byte ^ 1 : byte)) as Buffer,
    }),
    () => ({ mangle: (line) => [line, line] }),
    () => ({ reply: { err: "trouble {io}" } }),
    ({ req }) => ({
      reply: req === "web.get" ? { result: 503, body: { retry: 0 } } : { err: "trouble {io}" },
    }),
    ({ req }) => ({
      reply: req === "web.get" ? { result: 429, body: { retry: 0 } } : { err: "{hub-not-connected}" },
    }),
  ];
  return (request) => (random.chance(0.2) ? random.pick(strokes)?.(request) : undefined);
}

test(
  "killed at random moments, on a bad line, while files are replaced: never a wrong file, never stuck",
  async () => {
    const random = createRandom(SEED + 2);
    const versions = [OLD];
    const device = await updatedDevice();
    versions.push(NEW);
    for (let kill = 0; kill < (LONG ? 1000 : 8); kill += 1) {
      if (random.chance(0.3)) {
        const next = patternedBytes(random.below(40_000), 3 + kill);
        versions.push(next);
        device.fake.card.publish("sub/app.bin", next);
      }
      device.fake.script = troubleMaker(random);
      const way = random.pick(["json", "raw", "binary"]);
      const agent = device.spawn({ flags: ["--fetch", way] });
      await sleep(250 + random.below(500));
      await agent.stop("SIGKILL");
      const content = await file(device);
      expect(
        versions.some((version) => version.equals(content)),
        `after kill ${kill}`,
      ).toBe(true);
    }
    device.fake.script = undefined;
    await expectEnd(device, versions.at(-1) ?? NEW);
  },
  HOUR_MS,
);

test("a download that another chunk size began goes on", async () => {
  const device = await updatedDevice();
  let fetches = 0;
  device.fake.script = ({ req }) => (req === "web.get" && ++fetches > 1 ? { hangUp: true } : undefined);
  const first = device.start({ flags: ["--chunk-size", "1000"] });
  await first.next("chunk");
  await first.stop();
  device.fake.script = undefined;
  await writeFile(path.join(device.state, "installed.json"), "{ damaged");
  const second = device.start();
  expect(await second.next("resumed")).toMatchObject({ bytes: 1000 });
  await expectEnd(device, NEW, second);
});
