import { describe, expect, test } from "vitest";
import { createRandom, type Random, readSeed } from "../../support/seeded-random.ts";
import { countOperations, dieAt, withDisk } from "../support/updated-device.ts";
import { choose, HOUR_MS, LONG } from "./support/cases.ts";
import {
  BAD,
  expectRecovered,
  expectUnitEnd,
  GOOD,
  type UnitDevice,
  unitDevice,
} from "./support/unit-device.ts";
import { untilItRuns } from "./support/until-it-runs.ts";

const SEED = readSeed();

/** Second deaths, by chance, for each first one: all of them would take days. */
const PAIRS = 4;

const HOWS = ["kill", "power"] as const;
const CODES = ["ENOSPC", "EIO", "EROFS"] as const;

/** Lets an agent die, or end its work if that has fewer operations. */
async function die({ spawn, flags, fake }: UnitDevice, operation: number, how: string): Promise<void> {
  const agent = spawn({ ...dieAt(operation, how), flags });
  const idle = expect.poll(() => fake.card.queue, { timeout: HOUR_MS }).toEqual([]);
  await Promise.race([agent.ended, idle]);
  await agent.stop("SIGKILL");
}

describe.each([
  ["runs", GOOD],
  ["does not run", BAD],
])("a unit of three files that %s", (_, update) => {
  let counted: Promise<number> | undefined;
  const countOnce = () => {
    counted ??= unitDevice(update).then(countOperations);
    return counted;
  };

  test(
    "is all old or all new wherever the agent dies, and its program is started with nothing else [NF-9.10]",
    async () => {
      const random = createRandom(SEED);
      for (const operation of choose(random, await countOnce(), 1)) {
        for (const how of LONG ? HOWS : [random.pick(HOWS) ?? "kill"]) {
          const what = `${how} at ${operation}`;
          const device = await unitDevice(update);
          await die(device, operation, how);
          if (LONG || random.chance(0.5)) await expectRecovered(device, update, what);
          await expectUnitEnd(device, update, what);
          await device.end();
        }
      }
    },
    HOUR_MS,
  );

  async function dieTwice(first: number, second: number, random: Random): Promise<void> {
    const device = await unitDevice(update);
    const [one, other] = [random.pick(HOWS) ?? "kill", random.pick(HOWS) ?? "power"];
    const what = `${one} at ${first}, ${other} at ${second}`;
    await die(device, first, one);
    await die(device, second, other);
    if (random.chance(0.5)) await expectRecovered(device, update, what);
    await expectUnitEnd(device, update, what);
    await device.end();
  }

  test(
    "and so wherever the next one dies as well [NF-9.10]",
    async () => {
      const random = createRandom(SEED + 1);
      const operations = await countOnce();
      if (!LONG) return dieTwice(1 + random.below(operations), 1 + random.below(operations), random);
      for (let first = 1; first <= operations; first += 1) {
        for (let pair = 0; pair < PAIRS; pair += 1)
          await dieTwice(first, 1 + random.below(operations), random);
      }
    },
    HOUR_MS,
  );

  test(
    "and by a disk that fails at one operation [NF-9.10]",
    async () => {
      const random = createRandom(SEED + 2);
      for (const at of choose(random, await countOnce(), 1)) {
        for (const code of LONG ? CODES : [random.pick(CODES) ?? "EIO"]) {
          const device = await unitDevice(update);
          const { flags } = device;
          const spawned = device.spawn(withDisk([{ at, code }], flags));
          const agent = await untilItRuns(device, spawned, flags);
          await expectUnitEnd(device, update, `${code} at ${at}`, agent);
          await device.end();
        }
      }
    },
    HOUR_MS,
  );
});
