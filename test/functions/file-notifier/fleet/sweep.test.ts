import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { differingKeys, reachesInto } from "../../../../functions/file-notifier/fleet/compare-page.ts";
import { emptyState } from "../../../../functions/file-notifier/fleet/write-looks.ts";
import { formatVariable, variableName } from "../../../../protocol/manifest-variable.ts";
import { FLEET, type FleetWorld, own, startFleetWorld } from "../support/fleet-world.ts";

const OTHER = "fleet:other";

describe("the sweep [NF-11.14]", () => {
  let world: FleetWorld;
  beforeEach(async () => {
    world = await startFleetWorld();
    world.notehub.fleets.set(OTHER, []);
  });

  const sweep = async () => {
    world.aws.send('{"sweep":{}}');
    await world.settle({ env: { DEFAULT_TARGET: FLEET } });
  };
  /** Changes of which no event is heard. */
  const put = (Key: string, Body: string) =>
    world.s3.send(new PutObjectCommand({ Bucket: "files", Key, Body }));
  const remove = (Key: string) => world.s3.send(new DeleteObjectCommand({ Bucket: "files", Key }));
  const paths = async (fleet?: string) => (await world.manifest(fleet)).files.map(({ path }) => path);

  test("finds what no event told of: what came, changed and went, in every fleet", async () => {
    for (const key of [own("a"), own("b"), `fleets/${OTHER}/x`]) await world.put(key, "1");
    await world.settle();
    await put(own("a"), "2");
    await remove(own("b"));
    await put("by/default +é", "3");
    await remove(`fleets/${OTHER}/x`);
    await put("devices/dev:1/own", "4");
    await sweep();
    expect(await paths()).toEqual(["a", "by/default +é"]);
    expect(await paths(OTHER)).toEqual([]);
    const looks = world.events.filter(({ message }) => message === "swept");
    expect(looks.at(-1)).toMatchObject({ differing: 4 });
  });

  test("a quiet one asks for each variable once, and changes nothing", async () => {
    await world.put(own("a"), "1");
    await world.settle();
    const calls = world.notehub.requests.length;
    await sweep();
    expect(world.notehub.requests.slice(calls).map(({ method }) => method)).toEqual(["GET"]);
    expect(world.events.at(-1)).toMatchObject({ message: "swept", differing: 0 });
  });

  test("a variable that is gone, or shows an older manifest, is set again", async () => {
    await world.put(own("a"), "1");
    await world.settle();
    const old = world.notehub.variables.get(FLEET) ?? {};
    await world.put(own("a"), "2");
    await world.settle();
    for (const shown of [{}, old]) {
      const before = (await world.manifest()).serial;
      world.notehub.variables.set(FLEET, shown);
      await sweep();
      expect((await world.manifest()).serial).toBeGreaterThan(before);
    }
    expect(world.puts()).toBe(4);
  });

  test("a file that found no room is refused again without being read", async () => {
    await world.put(own("a"), "1");
    const versionId = await world.put(own("a/b"), "1");
    await world.settle();
    const asked = world.asked.length;
    const refusals = () => world.events.filter(({ message }) => message === "refused").length;
    const before = refusals();
    await sweep();
    expect(refusals()).toBe(before + 1);
    const read = world.asked.slice(asked).filter((line) => /^GetObject /.test(line) && line.includes("a/b"));
    expect(read).toEqual([]);
    const share = { bucket: "files", key: own("a/b"), versionId, percent: 10 };
    world.aws.send(JSON.stringify({ share }));
    await world.settle();
    await world.remove(own("a"));
    await world.settle();
    expect((await world.manifest()).files).toMatchObject([{ path: "a/b", share: [10, expect.anything()] }]);
  });

  test("leaves half of Notehub's calls to what is new, however many fleets there are", async () => {
    const names = Array.from({ length: 14 }, (_, n) => `fleet:${String(n).padStart(2, "0")}`);
    for (const name of names) {
      world.notehub.fleets.set(name, []);
      await world.put(`fleets/${name}/a`, "1");
    }
    await world.settle();
    world.aws.send('{"sweep":{}}');
    const asked = new Map<string, number>();
    let uploaded = 0;
    world.notehub.fault = async ({ method, url }) => {
      if (method === "PUT") asked.set("upload", world.clock.now);
      else asked.set(url.pathname, world.clock.now);
      if (asked.size === 1) {
        uploaded = world.clock.now;
        await world.put(own("new"), "1");
      }
      return undefined;
    };
    await world.settle();
    expect(asked.size).toBe(names.length + 1);
    expect((asked.get("upload") ?? Number.NaN) - uploaded).toBeLessThanOrEqual(60_000);
  });

  test("a fleet that was named wrongly is done with once its files are deleted [NF-8.5]", async () => {
    const mistyped = "fleet:nope";
    await world.put(`fleets/${mistyped}/a`, "1");
    await world.settle();
    expect(world.aws.dead).toMatchObject([{ reason: expect.stringContaining("404") }]);
    await world.remove(`fleets/${mistyped}/a`);
    await world.settle();
    const calls = world.notehub.requests.length;
    await sweep();
    await sweep();
    expect(world.aws.dead).toHaveLength(1);
    const asked = world.notehub.requests.slice(calls).map(({ method }) => method);
    expect(asked).toEqual(["GET", "GET"]);
    const reason = `deleted; there is no ${mistyped} to be told`;
    expect(world.events).toContainEqual({ message: "ignored", reason });
  });

  test("a fleet that there is, and may not be set, is told nothing wrong of", async () => {
    world.notehub.fault = ({ method }) => (method === "PUT" ? { status: 400, body: "{}" } : undefined);
    await world.put(own("a"), "1");
    await world.settle();
    await world.remove(own("a"));
    await world.settle();
    expect(world.aws.dead).toHaveLength(2);
    world.notehub.fault = () => undefined;
    await sweep();
    expect(await paths()).toEqual([]);
  });

  test.each([{ sha256: "A".repeat(43) }, { size: 20 }])(
    "a variable in which somebody has written %j over ours is set again",
    async (wrong) => {
      await world.put(own("a"), "1");
      await world.settle();
      const notice = world.notice();
      if (notice === undefined) throw new Error("nothing is announced");
      world.notehub.variables.set(FLEET, { [variableName(FLEET)]: formatVariable({ ...notice, ...wrong }) });
      await sweep();
      expect((await world.manifest()).serial).toBeGreaterThan(notice.serial);
    },
  );

  test("a fleet that Notehub does not have any more is no dead letter every day", async () => {
    await world.put(own("a"), "1");
    await world.settle();
    world.notehub.fleets.delete(FLEET);
    await sweep();
    expect(world.aws.dead).toEqual([]);
  });
});

describe("a page of the bucket and the states of fleets", () => {
  const state = (fleet: string, files: Record<string, string>) => ({
    ...emptyState(fleet),
    files: Object.fromEntries(
      Object.entries(files).map(([key, version]) => [key, { version, size: 1, sha256: "A".repeat(43) }]),
    ),
  });

  test("differ in what is missing on either side, whatever the pages are", () => {
    const target = { kind: "fleet", fleetUid: "fleet:a" } as const;
    const Key = fc.constantFrom(
      "a",
      "b",
      "é",
      "fleets/fleet:a/x",
      "fleets/fleet:b/x",
      "fleets/fleet:b/y",
      "z",
      "devices/dev:1/a",
    );
    const Side = fc.dictionary(Key, fc.constantFrom("v1", "v2"), { maxKeys: 8 });
    fc.assert(
      fc.property(Side, Side, fc.integer({ min: 1, max: 4 }), (bucket, known, size) => {
        const ofFleet = (fleet: string) => (key: string) =>
          key.startsWith("fleets/")
            ? key.startsWith(`fleets/${fleet}/`)
            : fleet === "fleet:a" && !key.startsWith("devices/");
        const all = ["fleet:a", "fleet:b"].map((fleet) =>
          state(fleet, Object.fromEntries(Object.entries(known).filter(([key]) => ofFleet(fleet)(key)))),
        );
        const keys = Object.keys(bucket).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const looked: string[] = [];
        for (let at = 0, after: string | undefined; at === 0 || at < keys.length; at += size) {
          const page = keys.slice(at, at + size);
          const last = at + size < keys.length ? page.at(-1) : undefined;
          const extent = { prefix: "", after, last };
          const states = new Map(
            all
              .filter(({ fleet }) => reachesInto(fleet, target, extent) || page.some(ofFleet(fleet)))
              .map((each) => [each.fleet, each]),
          );
          looked.push(
            ...differingKeys(
              { current: new Map(page.map((key) => [key, bucket[key]])) },
              states,
              target,
              extent,
            ),
          );
          after = last;
        }
        const expected = [...new Set([...Object.keys(bucket), ...Object.keys(known)])].filter(
          (key) => !key.startsWith("devices/") && bucket[key] !== known[key],
        );
        expect(looked.sort()).toEqual(expected.sort());
      }),
    );
  });
});
