import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, test } from "vitest";
import { CLAIM_MS } from "../../../../functions/file-notifier/fleet/claim.ts";
import { QUIET_SECONDS } from "../../../../functions/file-notifier/fleet/decide-announcement.ts";
import { holdKey } from "../../../../protocol/fleet-state.ts";
import { variableName } from "../../../../protocol/manifest-variable.ts";
import { saltOf } from "../../../../protocol/share.ts";
import { FLEET, type FleetWorld, own, startFleetWorld } from "../support/fleet-world.ts";
import { json } from "../support/notehub-stand-in.ts";
import { sha256 } from "../support/packing-world.ts";
import { invoke } from "../support/world.ts";

let world: FleetWorld;
beforeEach(async () => {
  world = await startFleetWorld();
});

const told = (message: string) => world.events.filter((event) => event.message === message);
const isPut = (method: string) => method === "PUT";

describe("while files are uploaded", () => {
  test("a hold is waited for, but none that is longer than there are", async () => {
    const hold = (until: number) =>
      world.s3.send(
        new PutObjectCommand({
          ...{ Bucket: "announcements-bucket", Key: holdKey(FLEET) },
          Body: JSON.stringify({ until, by: "somebody" }),
        }),
      );
    const until = world.clock.now + 40_000;
    await hold(until);
    await world.put(own("a"), "1");
    await world.settle();
    expect(world.clock.now).toBeGreaterThanOrEqual(until);
    expect(told("retrying")).toMatchObject([{ reason: "held" }, { reason: "held" }, { reason: "held" }]);
    expect(world.puts()).toBe(1);
    await hold(world.clock.now + 16 * 60_000);
    await world.put(own("a"), "2");
    await world.settle();
    expect(told("retrying")).toHaveLength(3);
    expect(world.puts()).toBe(2);
  });
});

describe("a request to Notehub", () => {
  test("that nobody saw the end of is followed by one with a higher serial, and a look at the variable [NF-11.14]", async () => {
    await world.put(own("a"), "1");
    let lost = false;
    world.notehub.fault = ({ method }) => {
      if (lost || !isPut(method)) return undefined;
      lost = true;
      return "accept-then-drop";
    };
    await world.settle();
    const calls = world.notehub.requests.map(({ method }) => method);
    expect(calls).toEqual(["PUT", "PUT", "GET"]);
    const serials = world.notehub.requests
      .filter(({ method }) => isPut(method))
      .map(({ body }) => JSON.parse(JSON.parse(body).environment_variables[variableName(FLEET)]).s);
    expect(serials[1]).toBeGreaterThan(serials[0]);
    expect((await world.manifest()).serial).toBe(serials[1]);
    const { manifests } = await world.state();
    expect(manifests.map(({ isDoubtful = false }) => isDoubtful)).toEqual([false, true]);
    await world.put(own("a"), "2");
    await world.settle();
    expect(world.notehub.requests.slice(3).map(({ method }) => method)).toEqual(["PUT"]);
  });

  test("whose effect an older one undoes is repeated; a higher serial than ours is left [NF-11.14]", async () => {
    await world.put(own("a"), "1");
    const older = JSON.stringify({ s: 1, m: sha256("x"), n: 9 });
    const higher = JSON.stringify({ s: 2 ** 40, m: sha256("x"), n: 9 });
    let calls = 0;
    world.notehub.fault = ({ method }) => {
      calls += 1;
      if (calls === 1) return json({}, 500);
      const late = { 3: older, 5: higher }[calls];
      if (method === "GET" && late !== undefined)
        world.notehub.variables.set(FLEET, { [variableName(FLEET).toUpperCase()]: late });
      return undefined;
    };
    await world.settle();
    expect(world.notehub.requests.map(({ method }) => method)).toEqual(["PUT", "PUT", "GET", "PUT", "GET"]);
    expect(await world.state()).toMatchObject({ announced: { revision: 1 } });
    expect(world.aws.dead).toEqual([]);
  });

  test("that ends after another took over is followed by one more, though that one has ended their message [NF-11.14]", async () => {
    await world.put(own("a"), "1");
    await world.settle();
    await world.put(own("a"), "2");
    const [event] = world.aws.receive(1, 60);
    const run = (record = event) => invoke(world.teller(), record === undefined ? [] : [record]);
    await run();
    world.aws.delete(event?.messageId ?? "");
    world.clock.now += QUIET_SECONDS * 1000;
    let puts = 0;
    world.notehub.fault = async ({ method }) => {
      puts += Number(isPut(method));
      if (!isPut(method) || puts > 1) return undefined;
      world.clock.now += CLAIM_MS;
      const [again] = world.aws.receive(1, 60);
      expect(await run(again)).toEqual({ batchItemFailures: [] });
      world.aws.delete(again?.messageId ?? "");
      return undefined; // ours is carried out only now
    };
    await run(world.aws.receive(1, 60)[0]);
    expect(world.notice()?.serial).toBeLessThan((await world.state()).announced?.serial ?? 0);
    expect(world.aws.bodies()).toHaveLength(1);
    await world.settle();
    expect(world.notehub.requests.slice(1).map(({ method }) => method)).toEqual([
      ...["PUT", "PUT", "GET", "PUT", "GET"],
    ]);
    expect(world.notice()?.serial).toBe((await world.state()).announced?.serial);
    expect(await world.state()).not.toHaveProperty("isUncertain");
  });

  test("that is refused for now comes back when Notehub says, and leaves nothing behind", async () => {
    await world.put(own("a"), "1");
    let refusals = 2;
    world.notehub.fault = () => (refusals-- > 0 ? json({}, 429, { "retry-after": "33" }) : undefined);
    await world.settle();
    expect(world.aws.postponed).toEqual([33, 33]);
    expect(world.notehub.requests.map(({ method }) => method)).toEqual(["PUT", "PUT", "PUT"]);
    expect((await world.keys("packed")).filter((key) => key.startsWith("manifest/"))).toHaveLength(1);
  });

  test("of a fleet that Notehub does not have is a dead letter, and in the operator's table [NF-8.5]", async () => {
    world.notehub.fleets.delete(FLEET);
    await world.put(own("a"), "1");
    await world.settle();
    expect(world.aws.dead).toMatchObject([{ reason: "Notehub answered 404: not found" }]);
    expect(JSON.parse(world.aws.dead[0]?.body ?? "")).toEqual({
      announceFleet: { fleet: FLEET, revision: 1 },
    });
    const rows = [...world.aws.items.keys()].filter((name) => name.includes(FLEET));
    expect(rows).toHaveLength(1);
    world.notehub.fleets.set(FLEET, []);
    world.aws.send(world.aws.dead[0]?.body ?? "");
    await world.settle();
    expect((await world.manifest()).files).toHaveLength(1);
  });

  test("waits for its turn among those of all fleets, seven in a minute", async () => {
    const fleets = Array.from({ length: 16 }, (_, at) => `fleet:${at}`);
    for (const fleet of fleets) {
      world.notehub.fleets.set(fleet, []);
      await world.put(`fleets/${fleet}/a`, fleet);
    }
    const made: number[] = [];
    world.notehub.fault = () => void made.push(world.clock.now);
    await world.settle();
    expect(made).toHaveLength(16);
    for (const [at, time] of made.slice(7).entries())
      expect(time - (made[at] ?? 0)).toBeGreaterThanOrEqual(60_000);
    for (const fleet of fleets) expect((await world.manifest(fleet)).files).toHaveLength(1);
  });
});

describe("a file that no manifest can name", () => {
  test.each<[string, string, string, string | undefined]>([
    ["too-big", own("a"), "x".repeat(2_000), undefined],
    ["request-too-long", own("a".repeat(170)), "x", undefined],
    ["share", own("a"), "x", "most"],
  ])("%s: is refused, in the table too; what was there before stays", async (reason, key, content, share) => {
    await world.put(own("a"), "before");
    await world.settle();
    await world.put(key, content, share);
    await world.settle({ env: { MAX_FILE_BYTES: "1000" } });
    expect(told("refused")).toMatchObject([{ key, reason }]);
    expect((await world.manifest()).files).toMatchObject([{ path: "a", sha256: sha256("before") }]);
    expect(JSON.stringify([...world.aws.items.values()])).toContain(reason);
    expect(world.puts()).toBe(1);
  });
});

describe("a share [NF-11.8]", () => {
  test("comes with the file's metadata, before anybody is told, and grows by a message, one call each", async () => {
    const first = await world.put(own("a"), "1");
    await world.settle();
    const versionId = await world.put(own("a"), "2", "10%");
    await world.settle();
    const entry = async () => (await world.manifest()).files[0];
    const previous = { version: first, sha256: sha256("1") };
    expect(await entry()).toMatchObject({ version: versionId, share: [10, saltOf(versionId)], previous });
    const share = (percent: number, id = versionId) =>
      world.aws.send(JSON.stringify({ share: { bucket: "files", key: own("a"), versionId: id, percent } }));
    share(50);
    await world.settle();
    expect(await entry()).toMatchObject({ share: [50, saltOf(versionId)], previous });
    share(100);
    share(20, "another");
    await world.settle();
    const last = await entry();
    expect(last).not.toHaveProperty("share");
    expect(last).not.toHaveProperty("previous");
    expect(told("superseded")).toMatchObject([{ versionId: "another" }]);
    expect(world.puts()).toBe(4);
  });
});
