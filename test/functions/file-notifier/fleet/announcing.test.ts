import { beforeEach, describe, expect, test } from "vitest";
import { FLEET, type FleetWorld, own, startFleetWorld } from "../support/fleet-world.ts";
import { sha256, sourceText } from "../support/packing-world.ts";

let world: FleetWorld;
beforeEach(async () => {
  world = await startFleetWorld();
});

const paths = (files: readonly { path: string }[]) => files.map(({ path }) => path);

describe("files of a fleet", () => {
  test("thirty at once are one write for each batch, and one call to Notehub [NF-11.14]", async () => {
    for (let file = 0; file < 30; file += 1) await world.put(own(`f${file}`), `content ${file}`);
    await world.settle();
    expect(world.puts()).toBe(1);
    expect(world.notehub.requests).toHaveLength(1);
    expect(world.notehub.accepted).toEqual([]);
    const writes = world.asked.filter(
      (line) => line === `PutObject announcements-bucket/fleets/${FLEET}.json`,
    );
    expect(writes).toHaveLength(5); // three batches, the claim and its end
    const { files } = await world.manifest();
    expect(files).toHaveLength(30);
    expect(files[0]).toMatchObject({ path: "f0", sha256: sha256("content 0"), size: 9 });
    expect(world.aws.dead).toEqual([]);
    expect(await world.state()).toMatchObject({ announced: { revision: 3 } });
    expect(await world.state()).not.toHaveProperty("changedAt");
  });

  test("a change comes as a step, with the patch of what changed by little [NF-11.7]", async () => {
    for (let file = 0; file < 5; file += 1) await world.put(own(`f${file}`), sourceText(4_000, file));
    await world.settle();
    const before = world.notice();
    await world.put(own("f1"), sourceText(4_000, 1, 1));
    await world.settle();
    const notice = world.notice();
    expect(notice?.step?.base).toBe(before?.sha256.slice(0, 8));
    expect(notice?.step?.bytes).toBeLessThan(500);
    expect(notice?.serial).toBeGreaterThan(before?.serial ?? 0);
    expect((await world.manifest()).files).toHaveLength(5);
  });

  test("what is deleted has no entry, and what comes back has one again [NF-8.6]", async () => {
    await world.put(own("a"), "1");
    await world.put(own("b"), "2");
    await world.settle();
    await world.remove(own("a"));
    await world.settle();
    expect(paths((await world.manifest()).files)).toEqual(["b"]);
    await world.put(own("a"), "3");
    await world.settle();
    expect(paths((await world.manifest()).files)).toEqual(["a", "b"]);
    expect(world.puts()).toBe(3);
  });
});
