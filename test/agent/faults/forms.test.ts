import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createRandom, readSeed } from "../../support/seeded-random.ts";
import type { Device } from "../support/agent-under-test.ts";
import { edited, type PackedForms, patchOf, publishPacked, sourceText, zstdOf } from "../support/packed.ts";
import {
  CHUNK,
  countOperations,
  dieAt,
  expectEnd,
  fileOf,
  untilDead,
  updatedDevice,
  withDisk,
} from "../support/updated-device.ts";
import { choose, HOUR_MS, LONG } from "./support/cases.ts";
import { troubleMaker } from "./support/trouble-maker.ts";
import { untilItRuns } from "./support/until-it-runs.ts";

const SEED = readSeed();

const OLD = sourceText(30_000, 1);
const NEW = sourceText(34_000, 2); // unlike the old one, so that each form takes several chunks
const SMALL = edited(OLD, "a line more");
const [ZSTD, PATCH] = [zstdOf(NEW), patchOf(OLD, NEW)];
const NOTE = patchOf(OLD, SMALL);
const BROKEN = ZSTD.subarray(0, -30);

/** Each form, what the device has in the end, and what that takes to fetch. */
const FORMS: [string, { forms: PackedForms; content: Buffer; bytes: number }][] = [
  ["note", { forms: { payload: [OLD, NOTE] }, content: SMALL, bytes: 0 }],
  ["patch", { forms: { patches: [[OLD, PATCH]] }, content: NEW, bytes: PATCH.length }],
  ["zstd", { forms: { zstd: ZSTD }, content: NEW, bytes: ZSTD.length }],
  ["whole, after zstd", { forms: { zstd: BROKEN }, content: NEW, bytes: BROKEN.length + NEW.length }],
];

const updatedBy = (forms: PackedForms, content: Buffer) =>
  updatedDevice([OLD, content], undefined, (card, published, order) =>
    publishPacked(card, "sub/app.bin", published, order === 1 ? {} : forms, order),
  );

async function expectOldOrNew(device: Device, content: Buffer, what: string): Promise<void> {
  const there = await fileOf(device);
  expect(there.equals(OLD) || there.equals(content), `${what}: neither the old nor the new file`).toBe(true);
}

describe.each(FORMS)("a version that comes as %s", (_, { forms, content, bytes }) => {
  test(
    "is old or new wherever the agent dies, and costs one chunk more at most [NF-9.2] [NF-10.5]",
    async () => {
      const random = createRandom(SEED);
      const operations = await countOperations(await updatedBy(forms, content));
      for (const operation of choose(random, operations, 1)) {
        for (const how of LONG ? ["kill", "power"] : [random.pick(["kill", "power"]) ?? "kill"]) {
          const what = `${how} at ${operation}`;
          const device = await updatedBy(forms, content);
          await untilDead(device, device.spawn(dieAt(operation, how)));
          await expectOldOrNew(device, content, what);
          await expectEnd(device, content);
          expect(device.fake.card.served, what).toBeLessThanOrEqual(bytes === 0 ? 0 : bytes + CHUNK);
          await device.end();
        }
      }
    },
    HOUR_MS,
  );

  test(
    "arrives by a disk that fails once",
    async () => {
      const random = createRandom(SEED + 1);
      const operations = LONG ? await countOperations(await updatedBy(forms, content)) : 40;
      for (const at of choose(random, operations, 1)) {
        const code = random.pick(["ENOSPC", "EIO", "EROFS"] as const) ?? "EIO";
        const device = await updatedBy(forms, content);
        const agent = await untilItRuns(device, device.spawn(withDisk([{ at, code }])));
        await expectOldOrNew(device, content, `${code} at ${at}`);
        await expectEnd(device, content, agent);
        await device.end();
      }
    },
    HOUR_MS,
  );
});

test(
  "killed at random moments, on a bad line, while forms of each kind come and some are spoilt: never a wrong file, never stuck",
  async () => {
    const random = createRandom(SEED + 2);
    const device = await updatedBy({}, NEW);
    const versions = [OLD, NEW];
    for (let kill = 0; kill < (LONG ? 500 : 4); kill += 1) {
      if (random.chance(0.5)) {
        const before = versions.at(-1) ?? OLD;
        const next = random.chance(0.7)
          ? edited(before, `edit ${kill}`)
          : sourceText(random.below(40_000) + 1, 10 + kill);
        const patch = patchOf(before, next);
        const spoil = (form: Buffer) => (random.chance(0.2) ? form.subarray(0, -3) : form);
        versions.push(next);
        publishPacked(
          device.fake.card,
          "sub/app.bin",
          next,
          {
            ...(patch.length <= 250 && { payload: [before, spoil(patch)] satisfies [Buffer, Buffer] }),
            ...(random.chance(0.7) && { patches: [[before, spoil(patch)]] satisfies [Buffer, Buffer][] }),
            ...(random.chance(0.7) && { zstd: spoil(zstdOf(next)) }),
          },
          versions.length,
        );
      }
      device.fake.script = troubleMaker(random);
      const agent = device.spawn({ flags: ["--fetch", random.pick(["json", "raw", "binary"]) ?? "json"] });
      await sleep(250 + random.below(500));
      await agent.stop("SIGKILL");
      const there = await fileOf(device);
      expect(
        versions.some((version) => version.equals(there)),
        `after kill ${kill}`,
      ).toBe(true);
    }
    device.fake.script = undefined;
    await expectEnd(device, versions.at(-1) ?? NEW);
  },
  HOUR_MS,
);
