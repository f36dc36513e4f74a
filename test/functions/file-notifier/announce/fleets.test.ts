import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Handler } from "../../../../functions/file-notifier/handler.ts";
import { json } from "../support/notehub-stand-in.ts";
import { drain, invoke, s3Message, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const FLEET = "fleet:1042ddc5-3b2c-4cec-b1fb-d3040538094d";
const KEY = `fleets/${FLEET}/a`;

let uids = 0;
const uid = () => (uids += 1);

function members(count: number): string[] {
  const uids = Array.from({ length: count }, (_, i) => `dev:${i + 1}`);
  world.notehub.fleets.set(FLEET, uids);
  return uids;
}

function told(): string[] {
  return world.notehub.accepted.map(({ device }) => device).sort();
}

function lists(): string[] {
  return world.notehub.requests.filter(({ path }) => path.endsWith("/devices")).map(({ query }) => query);
}

describe("a file for a fleet", () => {
  test("is announced to every device of it, all pages [NF-8.1]", async () => {
    const uids = members(25);
    world.aws.send(s3Message(world.s3.upload(KEY, "1")));
    const handler = world.environment({ fleetPageSize: 10 });
    await drain(world, (records) => invoke(handler, records), { environments: 2, batch: 10 });
    expect(lists()).toEqual(["?pageSize=10&pageNum=1", "?pageSize=10&pageNum=2", "?pageSize=10&pageNum=3"]);
    expect(told()).toEqual(uids.sort());
    expect(world.events[0]).toEqual({
      message: "fanned-out",
      key: KEY,
      fleet: FLEET,
      devices: 25,
      versionId: "v1",
    });
    const reads = world.s3.requests.filter(
      ({ method, bucket }) => method === "GET" && bucket === "files-bucket",
    );
    expect(reads).toHaveLength(1); // hashed once, not once for each device
  });

  test("is what the default target may be, too [NF-1.2]", async () => {
    members(1);
    world.aws.send(s3Message(world.s3.upload("a", "1")));
    const handler = world.environment({ env: { DEFAULT_TARGET: FLEET } });
    await drain(world, (records) => invoke(handler, records), { environments: 1, batch: 10 });
    expect(told()).toEqual(["dev:1"]);
  });

  test("a copy of the event lists nothing and queues nothing", async () => {
    members(3);
    const message = s3Message(world.s3.upload(KEY, "1"));
    const handler = world.environment();
    await invoke(handler, [message]);
    const queued = world.aws.bodies().length;
    await invoke(handler, [message]);
    expect(world.aws.bodies()).toHaveLength(queued);
    expect(lists()).toHaveLength(2);
    expect(world.events.at(-1)).toMatchObject({ message: "duplicate", target: FLEET });
  });

  test("queued twice, each device is told once: those on record are skipped", async () => {
    const uids = members(5);
    const failing = new Set(["dev:2", "dev:4"]);
    world.notehub.fault = ({ url }) =>
      [...failing].some((uid) => url.pathname.includes(`${uid}/`))
        ? json({}, 429, { "retry-after": "9" })
        : undefined;
    world.aws.send(s3Message(world.s3.upload(KEY, "1")));
    const handler = world.environment();
    await invoke(handler, world.aws.receive(1, 3600));
    for (const body of world.aws.bodies()) if (body.includes("announce")) world.aws.send(body);
    const records = world.aws.receive(100, 3600);
    expect(records).toHaveLength(10);
    const response = await invoke(handler, records);
    expect(told()).toEqual(["dev:1", "dev:3", "dev:5"]);
    failing.clear();
    const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    world.clock.now += 60_000;
    await invoke(
      handler,
      records.filter(({ messageId }) => failed.has(messageId)),
    );
    expect(told()).toEqual(uids);
  });

  test("a fan-out that breaks off is repeated whole, without reading the file again", async () => {
    members(30);
    let batches = 0;
    world.aws.fault = (action) => {
      if (action !== "SendMessageBatch") return undefined;
      batches += 1;
      return batches === 2 ? json({ __type: "InternalError" }, 500) : undefined;
    };
    const handler = world.environment({ fleetPageSize: 30 });
    const message = s3Message(world.s3.upload(KEY, "1"));
    expect((await invoke(handler, [message])).batchItemFailures).toHaveLength(1);
    expect(world.events).toMatchObject([{ message: "retrying", key: KEY }]);
    expect(await invoke(handler, [message])).toEqual({ batchItemFailures: [] });
    const reads = world.s3.requests.filter(
      ({ method, bucket }) => method === "GET" && bucket === "files-bucket",
    );
    expect(reads).toHaveLength(1);
    const devices = world.aws.bodies().map((body) => JSON.parse(body).announce.device);
    expect(new Set(devices).size).toBe(30);
  });

  test("entries of a batch that SQS refused are sent again, and given up in the end", async () => {
    members(3);
    let refusals = 2;
    world.aws.fault = (action) => {
      if (action !== "SendMessageBatch" || refusals === 0) return undefined;
      refusals -= 1;
      const refused = (Id: string) => ({ Id, Code: "InternalError", SenderFault: false });
      return json({ Successful: [], Failed: ["0", "1", "2"].map(refused) });
    };
    const handler = world.environment({ fleetPageSize: 10 });
    const message = s3Message(world.s3.upload(KEY, "1"));
    expect(await invoke(handler, [message])).toEqual({ batchItemFailures: [] });
    expect(world.aws.bodies()).toHaveLength(3);
    refusals = 3;
    expect((await invoke(handler, [s3Message(world.s3.upload(KEY, "2"))])).batchItemFailures).toHaveLength(1);
  });

  test("without devices is said so, and done", async () => {
    members(0);
    expect(await invoke(world.environment(), [s3Message(world.s3.upload(KEY, "1"))])).toEqual({
      batchItemFailures: [],
    });
    expect(world.events).toMatchObject([{ message: "fanned-out", devices: 0 }]);
  });

  test("that Notehub does not know goes to the dead-letter queue [NF-8.5]", async () => {
    await invoke(world.environment(), [s3Message(world.s3.upload(KEY, "1"))]);
    expect(world.aws.dead).toMatchObject([{ reason: "Notehub answered 404: not found" }]);
  });

  test("whose list never ends is given up, not followed for ever", async () => {
    members(4);
    world.notehub.fault = ({ url }) =>
      url.pathname.endsWith("/devices") ? json({ devices: [{ uid: "dev:1" }], has_more: true }) : undefined;
    expect(
      (await invoke(world.environment(), [s3Message(world.s3.upload(KEY, "1"))])).batchItemFailures,
    ).toHaveLength(1);
    expect(lists()).toHaveLength(2);
    expect(world.events).toMatchObject([{ message: "retrying", reason: "notehub-unreadable" }]);
  });

  test.each([
    ["pages without end", (page: number) => [{ uid: `dev:${page}` }], 200],
    [
      "more devices than there can be",
      () => Array.from({ length: 30_000 }, () => ({ uid: `dev:${uid()}` })),
      4,
    ],
  ])("whose list has %s is a dead letter, and takes no memory", async (_what, devices, pages) => {
    world.notehub.fault = ({ url }) => {
      if (!url.pathname.endsWith("/devices")) return undefined;
      return json({ devices: devices(Number(url.searchParams.get("pageNum"))), has_more: true });
    };
    world.aws.send(s3Message(world.s3.upload(KEY, "1")));
    const handler = world.environment();
    await drain(world, (records) => invoke(handler, records), { environments: 1, batch: 10 });
    expect(lists()).toHaveLength(pages);
    expect(world.aws.dead).toMatchObject([{ reason: expect.stringContaining("more devices") }]);
    expect(told()).toEqual([]);
  });

  test("one device that Notehub refuses for good is one dead letter", async () => {
    members(3);
    world.notehub.fault = ({ url }) =>
      url.pathname.includes("dev:2/") ? json({ err: "gone" }, 410) : undefined;
    world.aws.send(s3Message(world.s3.upload(KEY, "1")));
    const handler = world.environment();
    await drain(world, (records) => invoke(handler, records), { environments: 1, batch: 10 });
    expect(told()).toEqual(["dev:1", "dev:3"]);
    expect(world.aws.dead).toHaveLength(1);
    expect(JSON.parse(world.aws.dead[0]?.body ?? "")).toMatchObject({ announce: { device: "dev:2" } });
  });

  test("that was replaced while its devices wait is not announced to the rest", async () => {
    members(3);
    const handler = world.environment();
    await invoke(handler, [s3Message(world.s3.upload(KEY, "1"))]);
    world.aws.send(s3Message(world.s3.upload(KEY, "2")));
    await drain(world, (records) => invoke(handler, records), { environments: 1, batch: 10 });
    const etags = new Set(world.notehub.accepted.map(({ announcement }) => announcement.etag));
    expect(etags.size).toBe(1);
    expect(world.notehub.accepted).toHaveLength(3);
  });

  test("that gives way to an older one, too big by now, is refused, not tried again", async () => {
    members(2);
    world.aws.send(s3Message(world.s3.upload(KEY, "the one before")));
    const run = async (handler: Handler) =>
      drain(world, (records) => invoke(handler, records), { environments: 1, batch: 10 });
    await run(world.environment());
    await invoke(world.environment(), [s3Message(world.s3.upload(KEY, "new"))]);
    world.s3.removeVersion(KEY, "v2");
    const told = world.events.length;
    await run(world.environment({ env: { MAX_FILE_BYTES: "5" } }));
    expect(world.events.slice(told)).toMatchObject(
      [1, 2].map(() => ({ message: "refused", reason: "too-big" })),
    );
  });
});
