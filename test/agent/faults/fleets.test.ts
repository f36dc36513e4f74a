import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createRandom, type Random, readSeed } from "../../support/seeded-random.ts";
import { manifestReceipts } from "../support/fleet-files.ts";
import { CHUNK, dieAt, withDisk } from "../support/updated-device.ts";
import { choose, HOUR_MS, LONG } from "./support/cases.ts";
import {
  AFTER,
  expectFleetEnd,
  expectOldOrNew,
  type FleetDevice,
  fleetDevice,
} from "./support/fleet-device.ts";
import { troubleMaker } from "./support/trouble-maker.ts";
import { untilItRuns } from "./support/until-it-runs.ts";

const SEED = readSeed();
const HOWS = ["kill", "power"] as const;
const CODES = ["ENOSPC", "EIO", "EROFS"] as const;

const settled = ({ card, serial }: FleetDevice) =>
  manifestReceipts(card).some((receipt) => receipt.serial === serial && receipt.not === undefined);

/** Counts the operations on the disk that an agent does from one manifest to the next. */
async function countOperations(): Promise<number> {
  const device = await fleetDevice();
  const countFile = path.join(device.folder, "count");
  const counting = dieAt(0, "kill");
  const agent = device.spawn({ ...counting, env: { ...counting.env, COUNT_FILE: countFile } });
  await expect.poll(() => settled(device)).toBe(true);
  await agent.stop();
  const counted = Number(await readFile(countFile, "utf8"));
  await device.end();
  expect(counted).toBeGreaterThan(50);
  return counted;
}

describe("an agent that goes from one manifest to the next", () => {
  let counted: Promise<number> | undefined;
  const countOnce = () => {
    counted ??= countOperations();
    return counted;
  };

  /** Lets an agent die, or end its work if that has fewer operations. */
  async function die(device: FleetDevice, operation: number, how: string): Promise<void> {
    const agent = device.spawn(dieAt(operation, how));
    const done = expect.poll(() => settled(device), { timeout: HOUR_MS }).toBe(true);
    await Promise.race([agent.ended, done]);
    await agent.stop("SIGKILL");
  }

  test(
    "ends with the newest whole wherever it dies, and fetches little twice [NF-11.10] [NF-11.12]",
    async () => {
      const random = createRandom(SEED);
      for (const operation of choose(random, await countOnce(), 3)) {
        for (const how of LONG ? HOWS : [random.pick(HOWS) ?? "kill"]) {
          const what = `${how} at ${operation}`;
          const device = await fleetDevice();
          await die(device, operation, how);
          await expectOldOrNew(device, what);
          await expectFleetEnd(device, what);
          const most = (AFTER["app/b"]?.length ?? 0) + (AFTER["app/new/c"]?.length ?? 0) + 3 * CHUNK;
          expect(device.card.served, `${what}: bytes fetched`).toBeLessThanOrEqual(most);
          await device.end();
        }
      }
    },
    HOUR_MS,
  );

  async function dieTwice(first: number, second: number, random: Random): Promise<void> {
    const device = await fleetDevice();
    const [one, other] = [random.pick(HOWS) ?? "kill", random.pick(HOWS) ?? "power"];
    await die(device, first, one);
    await die(device, second, other);
    await expectOldOrNew(device, `${one} at ${first}, ${other} at ${second}`);
    await expectFleetEnd(device, `${one} at ${first}, ${other} at ${second}`);
    await device.end();
  }

  test(
    "and so wherever the next one dies as well",
    async () => {
      const random = createRandom(SEED + 1);
      const operations = await countOnce();
      for (const first of LONG ? choose(random, operations, 0) : [1 + random.below(operations)])
        await dieTwice(first, 1 + random.below(operations), random);
    },
    HOUR_MS,
  );

  test(
    "and by a disk that fails at one operation",
    async () => {
      const random = createRandom(SEED + 2);
      for (const at of choose(random, await countOnce(), 2)) {
        for (const code of LONG ? CODES : [random.pick(CODES) ?? "EIO"]) {
          const device = await fleetDevice();
          const agent = await untilItRuns(device, device.spawn(withDisk([{ at, code }])));
          await expectFleetEnd(device, `${code} at ${at}`, agent);
          await device.end();
        }
      }
    },
    HOUR_MS,
  );

  test(
    "and on a bad line",
    async () => {
      const random = createRandom(SEED + 3);
      for (let run = 0; run < (LONG ? 200 : 2); run += 1) {
        const device = await fleetDevice();
        device.fake.script = troubleMaker(random);
        const agent = device.spawn({ flags: ["--fetch", random.pick(["json", "raw", "binary"]) ?? "json"] });
        await new Promise((resolve) => setTimeout(resolve, 500 + random.below(2000)));
        await agent.stop("SIGKILL");
        device.fake.script = undefined;
        await expectOldOrNew(device, `run ${run}`);
        await expectFleetEnd(device, `run ${run}`);
        await device.end();
      }
    },
    HOUR_MS,
  );
});
