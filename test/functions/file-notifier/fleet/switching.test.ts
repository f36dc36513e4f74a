import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, test } from "vitest";
import { FLEET, type FleetWorld, own, startFleetWorld } from "../support/fleet-world.ts";

let world: FleetWorld;
beforeEach(async () => {
  world = await startFleetWorld();
  world.notehub.fleets.set(FLEET, ["dev:1", "dev:2"]);
});

const methods = () => world.notehub.requests.map(({ method, path }) => `${method} ${path.split("/").at(-1)}`);
const mode = (FLEET_ANNOUNCEMENTS: "variable" | "notes" | "both") => ({ env: { FLEET_ANNOUNCEMENTS } });
const notes = () =>
  world.notehub.accepted.map(({ device, announcement }) => `${device} ${announcement.name}`);

describe("how a fleet hears of its files", () => {
  test("by the variable alone, by Notes alone, or by both [NF-11.13]", async () => {
    await world.put(own("a"), "1");
    await world.settle(mode("variable"));
    expect(notes()).toEqual([]);
    await world.put(own("a"), "2");
    await world.settle(mode("both"));
    expect(notes().sort()).toEqual([`dev:1 ${own("a")}`, `dev:2 ${own("a")}`]);
    const [{ announcement }] = world.notehub.accepted as [(typeof world.notehub.accepted)[0]];
    const [file] = (await world.manifest()).files;
    expect(file).toMatchObject({ sha256: announcement.sha256, seq: announcement.seq });
    expect(world.puts()).toBe(2);
  });

  test("told by Notes from now on, the variable is taken away once; and all is found again when it comes back", async () => {
    await world.put(own("a"), "1");
    await world.put(own("b"), "1");
    await world.settle(mode("variable"));
    const { serial } = await world.manifest();
    await world.put(own("a"), "2");
    await world.settle(mode("notes"));
    await world.put(own("a"), "3");
    await world.settle(mode("notes"));
    expect(world.notehub.variables.get(FLEET)).toEqual({});
    expect(methods().filter((line) => line.startsWith("DELETE"))).toHaveLength(1);
    await world.remove(own("b"));
    await world.settle(mode("notes"));
    await world.put(own("c"), "1");
    await world.settle(mode("variable"));
    const manifest = await world.manifest();
    expect(manifest.files.map(({ path }) => path)).toEqual(["a", "c"]);
    expect(manifest.serial).toBeGreaterThan(serial);
  });

  test("the sweep takes away what no event did, and what arrived late", async () => {
    await world.put(own("a"), "1");
    await world.settle(mode("variable"));
    const late = world.notehub.variables.get(FLEET) ?? {};
    world.aws.send('{"sweep":{}}');
    await world.settle(mode("notes"));
    expect(world.notehub.variables.get(FLEET)).toEqual({});
    world.notehub.variables.set(FLEET, late);
    world.aws.send('{"sweep":{}}');
    await world.settle(mode("notes"));
    expect(world.notehub.variables.get(FLEET)).toEqual({});
    expect(world.aws.dead).toEqual([]);
  });

  test("the sweep has a variable that arrived late overtaken, though the fleet has no files any more", async () => {
    const versionId = await world.put(own("a"), "1");
    await world.settle(mode("variable"));
    const late = world.notehub.variables.get(FLEET) ?? {};
    const { serial } = await world.manifest();
    await world.s3.send(
      new DeleteObjectCommand({ Bucket: "files", Key: own("a"), VersionId: versionId }), // its event is lost
    );
    world.aws.send('{"sweep":{}}');
    await world.settle(mode("notes"));
    world.notehub.variables.set(FLEET, late);
    world.aws.send('{"sweep":{}}');
    await world.settle(mode("variable"));
    const manifest = await world.manifest();
    expect(manifest.files).toEqual([]);
    expect(manifest.serial).toBeGreaterThan(serial);
    const calls = world.notehub.requests.length;
    world.aws.send('{"sweep":{}}');
    await world.settle(mode("variable"));
    expect(methods().slice(calls)).toEqual(["GET environment_variables"]);
  });

  test("a variable with the stage's name, and a manifest that has what left removed [NF-11.5] [NF-11.11]", async () => {
    const announce = async (content: string) => {
      await world.put(own("a"), content);
      await world.settle({ env: { STAGE: "Test-1", PRUNE: "true" } });
      const [name = "", value = ""] = Object.entries(world.notehub.variables.get(FLEET) ?? {})[0] ?? [];
      expect(name).toMatch(/^noteferry_test_1_[0-9a-f]{8}$/);
      const text = await world.read("packed", `manifest/${JSON.parse(value).m}`);
      return JSON.parse(text.toString());
    };
    expect(await announce("1")).not.toHaveProperty("prune"); // it may lack what a sweep is about to find
    expect(await announce("2")).toMatchObject({ fleet: FLEET, prune: true });
  });
});
