import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createRandom, type Random, readSeed } from "../../support/seeded-random.ts";
import type { Device } from "../support/agent-under-test.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import {
  CHUNK,
  countOperations,
  dieAt,
  expectEnd,
  fileOf,
  NEW,
  OLD,
  untilDead,
  updatedDevice,
} from "../support/updated-device.ts";
import { choose, HOUR_MS, LONG } from "./support/cases.ts";
import { troubleMaker } from "./support/trouble-maker.ts";

const SEED = readSeed();

async function expectOldOrNew(device: Device, what: string): Promise<void> {
  const content = await fileOf(device);
  expect(content.equals(OLD) || content.equals(NEW), `${what}: neither the old nor the new file`).toBe(true);
}

describe("an agent that dies at an operation on the disk", () => {
  let counted: Promise<number> | undefined;
  const countOnce = () => {
    counted ??= updatedDevice().then(countOperations);
    return counted;
  };

  test.each(["kill", "power"])(
    "leaves the old file or the new one, and the next goes on from there: %s [NF-9.2]",
    async (how) => {
      const random = createRandom(SEED);
      const operations = await countOnce();
      for (const operation of choose(random, operations, 3)) {
        const device = await updatedDevice();
        await untilDead(device, device.spawn(dieAt(operation, how)));
        await expectOldOrNew(device, `${how} at ${operation}`);
        await expectEnd(device, NEW);
        expect(device.fake.card.served, `${how} at ${operation}: bytes fetched`).toBeLessThanOrEqual(
          NEW.length + CHUNK,
        );
      }
    },
    HOUR_MS,
  );

  /** @returns false if the successor had less to do than that. */
  async function dieTwice(first: number, second: number, random: Random): Promise<boolean> {
    const device = await updatedDevice();
    const how = () => random.pick(["kill", "power"]);
    const [one, other] = [how(), how()];
    await untilDead(device, device.spawn(dieAt(first, one)));
    const what = `${one} at ${first}, ${other} at ${second}`;
    await expectOldOrNew(device, what);
    const successor = device.spawn(dieAt(second, other));
    const died = await Promise.race([
      successor.ended.then(() => true),
      expect
        .poll(() => device.fake.card.queue, { timeout: HOUR_MS })
        .toEqual([])
        .then(() => false),
    ]);
    await successor.stop("SIGKILL");
    await expectOldOrNew(device, what);
    await expectEnd(device, NEW);
    expect(device.fake.card.served, `${what}: bytes fetched`).toBeLessThanOrEqual(NEW.length + 2 * CHUNK);
    await device.end();
    return died;
  }

  test(
    "and whose successor dies as well, leaves no less",
    async () => {
      const random = createRandom(SEED + 1);
      const operations = await countOnce();
      if (!LONG)
        return void (await dieTwice(1 + random.below(operations), 1 + random.below(operations), random));
      for (let first = 1; first <= operations; first += 1) {
        for (let second = 1; await dieTwice(first, second, random); second += 1);
      }
    },
    HOUR_MS,
  );
});

test(
  "killed at random moments, on a bad line, while files are replaced: never a wrong file, never stuck",
  async () => {
    const random = createRandom(SEED + 2);
    const versions = [OLD];
    const device = await updatedDevice();
    versions.push(NEW);
    for (let kill = 0; kill < (LONG ? 1000 : 5); kill += 1) {
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
      const content = await fileOf(device);
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
