import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Fetchable } from "../../agent/link/link.ts";
import type { Manifest } from "../../protocol/manifest.ts";
import { variableName } from "../../protocol/manifest-variable.ts";
import { type Packed, packedKey } from "../../protocol/packed.ts";
import { isInShare, saltOf } from "../../protocol/share.ts";
import {
  FLEET,
  type FleetWorld,
  own,
  startFleetWorld,
} from "../functions/file-notifier/support/fleet-world.ts";
import { sha256, sourceText } from "../functions/file-notifier/support/packing-world.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { createRandom } from "../support/seeded-random.ts";
import { createFleetDevice } from "./support/model/fleet/device.ts";
import { createLightDevice, createUnpacking, type Served } from "./support/thousand/light-device.ts";

const UIDS = Array.from({ length: 1000 }, (_, at) => `dev:${864475046000000 + at * 7919}`);
const PATHS = Array.from({ length: 30 }, (_, at) => `app/f${String(at).padStart(2, "0")}`);
const FEW = PATHS.slice(0, 14);

/** A real notifier and S3, the stand-in for Notehub, and devices that hear of one fleet. */
async function startFleet() {
  const world = await startFleetWorld();
  world.notehub.fleets.set(FLEET, UIDS);
  const versions = new Map<string, Buffer>();
  const objects = new Map<string, Buffer>();
  const served: Served = {
    variable: () => world.notehub.variables.get(FLEET)?.[variableName(FLEET)],
    packed: (name: Packed) => found(objects.get(packedKey(name)), packedKey(name)),
    version: (key, versionId) => found(versions.get(`${key} ${versionId}`), key),
  };

  return {
    world,
    served,
    versions,
    objects,
    async put(file: string, content: string): Promise<string> {
      const versionId = await world.put(own(file), content);
      versions.set(`${own(file)} ${versionId}`, Buffer.from(content));
      return versionId;
    },
    /** @returns calls of Notehub's API that it took. */
    async settle(): Promise<number> {
      const before = world.notehub.requests.length;
      await world.settle();
      for (const key of await world.keys("packed"))
        if (!objects.has(key)) objects.set(key, await world.read("packed", key));
      return world.notehub.requests.length - before;
    },
  };
}

function found(bytes: Buffer | undefined, name: string): Buffer {
  if (bytes === undefined) throw new Error(`there is no ${name}`);
  return bytes;
}

type Fleet = Awaited<ReturnType<typeof startFleet>>;

function lightDevices({ served }: Fleet) {
  const [once, manifests] = [createUnpacking(), new Map<string, Manifest>()];
  return UIDS.map((uid) => createLightDevice(uid, served, once, manifests));
}

/** A device with the real agent, whose sessions are as long as it has something to do. */
async function startAgent({ served, versions, objects }: Fleet, uid: string) {
  const folder = await mkdtemp(path.join(memoryFolder(), "noteferry-thousand-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const random = createRandom(1);
  const step = () => new Promise<void>((resolve) => setImmediate(resolve));
  const variables = new Map<string, string>();
  const fetched: string[] = [];
  const note = (what: Fetchable) => fetched.push("key" in what ? what.key : packedKey(what.packed));
  const device = createFleetDevice(
    folder,
    {
      ...{ device: uid, random, faulty: () => false, step, now: () => 0, queue: [], variables },
      bucket: { current: () => undefined, find: (key, versionId) => versions.get(`${key} ${versionId}`) },
      packed: (key) => objects.get(key),
      ...{ piece: () => 1_000_000, fetched: note },
    },
    { random, step, isFull: () => false },
  );
  return {
    ...{ device, fetched },
    async session(): Promise<void> {
      variables.set(variableName(FLEET), served.variable() ?? "");
      const stopping = new AbortController();
      const idle = device.idle();
      const running = device.run(stopping.signal);
      await expect.poll(device.idle, { interval: 5 }).toBeGreaterThan(idle + 1);
      stopping.abort();
      await running;
    },
  };
}

let fleet: Fleet;
let world: FleetWorld;
beforeEach(async () => {
  fleet = await startFleet();
  world = fleet.world;
});

describe("a fleet of a thousand devices", { timeout: 60_000 }, () => {
  test("thirty small changes are three calls at most, one request and one receipt a device [NF-11.14] [NF-11.7]", async () => {
    await Promise.all(PATHS.map((file, at) => fleet.put(file, sourceText(2_000, at))));
    expect(await fleet.settle()).toBeLessThanOrEqual(3);
    const devices = lightDevices(fleet);
    const agent = await startAgent(fleet, "dev:1");
    for (const device of devices) device.hear();
    await agent.session();
    const before = agent.fetched.length;
    const requests = devices.map((device) => device.requests);

    await Promise.all(PATHS.map((file, at) => fleet.put(file, sourceText(2_000, at, 1))));
    expect(await fleet.settle()).toBeLessThanOrEqual(3);
    for (const device of devices) device.hear();
    await agent.session();

    expect(devices.every((device, at) => device.requests === (requests[at] ?? 0) + 1)).toBe(true);
    expect(devices.every(({ receipts }) => receipts.length === 2)).toBe(true);
    expect(devices.every(({ receipts }) => receipts[1]?.installed === PATHS.length)).toBe(true);
    for (const [at, file] of PATHS.entries())
      expect(new Set(devices.map(({ files }) => files.get(file)))).toEqual(
        new Set([sha256(sourceText(2_000, at, 1))]),
      );
    // The real agent does what the others stand for.
    expect(agent.fetched.slice(before)).toEqual([expect.stringMatching(/^step\//)]);
    const manifests = agent.device.reports.filter(({ state }) => state === "manifest");
    expect(manifests.map((report) => report.state === "manifest" && report.digest)).toEqual(
      devices[0]?.receipts.map(({ digest }) => digest),
    );
    expect(agent.device.reports.filter(({ state }) => state === "installed")).toEqual([]);
  });

  test("who joins a day later, or was off for ten updates, has the newest, and fetched each file once at most [NF-11.10]", async () => {
    await Promise.all(FEW.map((file, at) => fleet.put(file, sourceText(2_000, at))));
    await fleet.settle();
    const away = await startAgent(fleet, "dev:1");
    await away.session();
    const before = away.fetched.length;
    const newest = new Map(FEW.map((file, at) => [file, sourceText(2_000, at)]));
    for (let update = 1; update <= 10; update += 1) {
      for (const at of [update, update + 1, update + 2]) {
        const [file, content] = [FEW[at] ?? "", sourceText(2_000, at, update)];
        await fleet.put(file, content);
        newest.set(file, content);
      }
      expect(await fleet.settle()).toBeLessThanOrEqual(3);
    }
    world.clock.now += 24 * 3_600_000;
    const joins = await startAgent(fleet, "dev:2");
    await joins.session();
    await away.session();
    for (const { device } of [joins, away])
      for (const [file, content] of newest) expect(String(await device.content(file)), file).toBe(content);
    for (const fetched of [joins.fetched, away.fetched.slice(before)])
      expect(fetched).toEqual([...new Set(fetched)]);
    expect(away.fetched.length - before).toBeLessThanOrEqual(1 + 12); // the manifest, and what has changed
    expect(joins.fetched).toHaveLength(1 + FEW.length);
  });

  test("gives a share to as many, more when it grows and nobody less, by one call each [NF-11.8] [NF-11.9]", async () => {
    const devices = lightDevices(fleet);
    await fleet.put("a", "before");
    await fleet.settle();
    for (const device of devices) device.hear();
    const { VersionId: versionId = "" } = { VersionId: await world.put(own("a"), "after", "10%") };
    fleet.versions.set(`${own("a")} ${versionId}`, Buffer.from("after"));
    let had: string[] = [];
    for (const percent of [10, 50, 100]) {
      const share = { bucket: "files", key: own("a"), versionId, percent };
      if (percent > 10) world.aws.send(JSON.stringify({ share }));
      const puts = world.puts();
      await fleet.settle();
      expect(world.puts() - puts).toBe(1);
      for (const device of devices) device.hear();
      const have = devices.filter(({ files }) => files.get("a") === sha256("after")).map(({ uid }) => uid);
      expect(have).toEqual(UIDS.filter((uid) => isInShare([percent, saltOf(versionId)], uid)));
      expect(had.filter((uid) => !have.includes(uid))).toEqual([]);
      // Salts differ from run to run: six points are four standard deviations. For three see test/protocol/share.test.ts.
      expect(Math.abs(have.length / 10 - percent)).toBeLessThanOrEqual(6);
      had = have;
    }
    expect(devices.every(({ receipts }) => receipts.length === 4)).toBe(true);
  });
});
