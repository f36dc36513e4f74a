import { DeleteObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, test } from "vitest";
import { nextPassSeconds } from "../../../../functions/file-notifier/fleet/fresh-state.ts";
import { fleetStateKey } from "../../../../protocol/fleet-state.ts";
import { FLEET, type FleetWorld, own, startFleetWorld } from "../support/fleet-world.ts";

const PRUNE = { env: { PRUNE: "true" } } as const;

describe("a fleet's state that was lost, and is begun anew with files of which not all are looked at yet [NF-11.11]", () => {
  let world: FleetWorld;
  beforeEach(async () => {
    world = await startFleetWorld();
    for (const path of ["a", "b", "slow"]) await world.put(own(path), "1");
    await world.settle(PRUNE);
    const at = { Bucket: "announcements-bucket", Key: fleetStateKey(FLEET) };
    await world.s3.send(new DeleteObjectCommand(at));
  });

  /** For an environment that cannot read some keys for so many minutes. */
  function unableFor(minutes: Record<string, number>): S3Client {
    const { s3 } = world.mortal(() => false);
    const begin = world.clock.now;
    s3.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          const key = commandName === "GetObjectCommand" && "Key" in args.input ? String(args.input.Key) : "";
          if (world.clock.now < begin + 60_000 * (minutes[key] ?? 0))
            throw Object.assign(new Error("slow down"), {
              name: "SlowDown",
              $metadata: { httpStatusCode: 503 },
            });
          return await next(args);
        },
      { step: "initialize" },
    );
    return s3;
  }

  async function manifests() {
    const names = (await world.keys("packed")).filter((key) => key.startsWith("manifest/"));
    const all = await Promise.all(
      names.map(async (name) => JSON.parse(String(await world.read("packed", name)))),
    );
    return all as { serial: number; prune?: true; files: [string][] }[];
  }

  test("removes nothing from devices; once all are, the devices are told to remove what has left", async () => {
    const { serial } = await world.manifest();
    const s3 = unableFor({ [own("b")]: 5, [own("slow")]: 25 });
    await world.put(own("a"), "2");
    await world.settle({ ...PRUNE, s3 });
    const since = (await manifests()).filter((each) => each.serial > serial);
    expect(since.length).toBeGreaterThan(1);
    for (const { prune, files } of since) if (prune) expect(files.map(([path]) => path)).toContain("slow");
    expect(await world.manifest()).toMatchObject({ prune: true, files: [{}, {}, {}] });
    expect(await world.state()).not.toHaveProperty("isPartial");
  });

  test("prunes again once its passes were lost, with the next daily sweep", async () => {
    await world.put(own("a"), "2");
    await world.settle(PRUNE);
    await world.writeState({ ...(await world.state()), isPartial: true });
    await world.put(own("a"), "3");
    await world.settle(PRUNE);
    expect(await world.manifest()).toMatchObject({ prune: false });
    world.aws.send('{"sweep":{}}');
    await world.settle(PRUNE);
    expect(await world.manifest()).toMatchObject({ prune: true, files: [{}, {}, {}] });
  });

  test("of the default target is one sweep of all of the bucket at a time", async () => {
    await world.put("by/default", "1");
    await world.put(own("a"), "2");
    const calls = world.asked.length;
    await world.settle({ ...PRUNE, env: { ...PRUNE.env, DEFAULT_TARGET: FLEET } });
    expect((await world.manifest()).files).toHaveLength(4);
    expect(await world.state()).not.toHaveProperty("isPartial");
    const listings = world.asked.slice(calls).filter((line) => line.startsWith("ListObjectVersions"));
    expect(listings.length).toBeLessThan(5);
  });
});

test.each<[object, number | undefined]>([
  [{ pass: 1, differing: 0 }, undefined],
  [{ pass: 1, differing: 9 }, 60],
  [{ pass: 4, differing: 9, before: 9 }, 480],
  [{ pass: 30, differing: 8, before: 9 }, 900],
  [{ pass: 8, differing: 9, before: 9 }, undefined],
])("after a pass over a new state's keys, %j, the next comes in %s seconds", (pass, seconds) => {
  expect(nextPassSeconds(pass as Parameters<typeof nextPassSeconds>[0])).toBe(seconds);
});
