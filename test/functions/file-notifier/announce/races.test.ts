import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRandom, type Random, readSeed, runs } from "../../../support/seeded-random.ts";
import { DEVICE, drain, invoke, s3Message, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const COPIES = 10;
const VERSIONS = 5;

/** How often each ETag was accepted, by device. */
function accepted(device: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { device: uid, announcement } of world.notehub.accepted) {
    if (uid === device) counts.set(announcement.etag, (counts.get(announcement.etag) ?? 0) + 1);
  }
  return counts;
}

/** Four environments work at the queue until nothing is left. */
async function work(random: Random): Promise<void> {
  const handlers = Array.from({ length: 4 }, () => world.environment({ random: random.next }));
  const environments = handlers.length;
  await drain(world, (batch, i) => invoke(handlers[i] ?? world.environment(), batch), {
    environments,
    batch: 3,
  });
}

describe("ten shuffled copies of each of five uploads, in four environments at once [NF-8.1] [NF-8.4]", () => {
  const seed = readSeed();

  test.each(runs(2))(`all uploaded before any is announced: seed ${seed} + %i`, async (run) => {
    const random = createRandom(seed + run);
    const records = Array.from({ length: VERSIONS }, (_, i) => world.s3.upload("a", `version ${i}`));
    const copies = random.shuffle(Array.from({ length: COPIES }, () => records).flat());
    for (const record of copies) world.aws.send(s3Message(record));
    await work(random);
    expect([...accepted(DEVICE)]).toEqual([[records.at(-1)?.s3.object.eTag, 1]]);
  });

  test.each(runs(2))(`uploaded while others are announced: seed ${seed} + %i`, async (run) => {
    const random = createRandom(seed + run);
    const etags: string[] = [];
    const upload = () => {
      const record = world.s3.upload("a", `version ${etags.length}`);
      etags.push(record.s3.object.eTag);
      for (let copy = 0; copy < COPIES; copy += 1) world.aws.send(s3Message(record));
    };
    // Just before a Note is accepted, the next version may come: then the older Note is under way as the newer is claimed.
    world.notehub.fault = () => {
      if (etags.length < VERSIONS && random.chance(0.7)) upload();
      return undefined;
    };
    while (etags.length < VERSIONS) {
      upload();
      await work(random);
    }
    const counts = accepted(DEVICE);
    expect(Math.max(...counts.values())).toBe(1);
    expect(counts.get(etags.at(-1) ?? "")).toBe(1);
    expect(world.s3.records()).toMatchObject([{ state: "announced", announcement: { etag: etags.at(-1) } }]);
  });

  test(`to a fleet: seed ${seed}`, async () => {
    const random = createRandom(seed);
    world.notehub.fleets.set("fleet:1", ["dev:1", "dev:2", "dev:3"]);
    const records = Array.from({ length: VERSIONS }, (_, i) =>
      world.s3.upload("fleets/fleet:1/a", `version ${i}`),
    );
    for (const record of random.shuffle(Array.from({ length: COPIES }, () => records).flat())) {
      world.aws.send(s3Message(record));
    }
    await work(random);
    for (const device of ["dev:1", "dev:2", "dev:3"]) {
      expect([...accepted(device)]).toEqual([[records.at(-1)?.s3.object.eTag, 1]]);
    }
  });
});
