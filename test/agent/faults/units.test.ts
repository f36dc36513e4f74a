import { describe, expect, test } from "vitest";
import { createRandom, type Random, readSeed } from "../../support/seeded-random.ts";
import { countOperations, dieAt, withDisk } from "../support/updated-device.ts";
import { choose, forEachCase, HOUR_MS, LONG } from "./support/cases.ts";
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
      const cases = choose(random, await countOnce(), 1).flatMap((operation) =>
        (LONG ? HOWS : [pickHow(random)]).map((how) => ({ operation, how, recovers: recovers(random) })),
      );
      await forEachCase(cases, async ({ operation, how, recovers }) => {
        const what = `${how} at ${operation}`;
        const device = await unitDevice(update);
        await die(device, operation, how);
        if (LONG || recovers) await expectRecovered(device, update, what);
        await expectUnitEnd(device, update, what);
        await device.end();
      });
    },
    HOUR_MS,
  );

  test(
    "and so wherever the next one dies as well [NF-9.10]",
    async () => {
      const random = createRandom(SEED + 1);
      const operations = await countOnce();
      const firsts = choose(random, operations, 1).flatMap((first) =>
        Array.from({ length: LONG ? PAIRS : 1 }, () => first),
      );
      const cases = firsts.map((first) => ({
        deaths: [first, 1 + random.below(operations)].map((at) => ({ at, how: pickHow(random) })),
        recovers: recovers(random),
      }));
      await forEachCase(cases, async ({ deaths, recovers }) => {
        const device = await unitDevice(update);
        const what = deaths.map(({ at, how }) => `${how} at ${at}`).join(", ");
        for (const { at, how } of deaths) await die(device, at, how);
        if (recovers) await expectRecovered(device, update, what);
        await expectUnitEnd(device, update, what);
        await device.end();
      });
    },
    HOUR_MS,
  );

  test(
    "and by a disk that fails at one operation [NF-9.10]",
    async () => {
      const random = createRandom(SEED + 2);
      const cases = choose(random, await countOnce(), 1).flatMap((at) =>
        (LONG ? CODES : [random.pick(CODES) ?? "EIO"]).map((code) => ({ at, code })),
      );
      await forEachCase(cases, async ({ at, code }) => {
        const device = await unitDevice(update);
        const { flags } = device;
        const spawned = device.spawn(withDisk([{ at, code }], flags));
        const agent = await untilItRuns(device, spawned, flags);
        await expectUnitEnd(device, update, `${code} at ${at}`, agent);
        await device.end();
      });
    },
    HOUR_MS,
  );
});

const pickHow = (random: Random) => random.pick(HOWS) ?? "kill";
const recovers = (random: Random) => random.chance(0.5);
