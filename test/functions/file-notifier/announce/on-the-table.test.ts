import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withheldIn } from "../../../../protocol/announced.ts";
import { readFileItem } from "../../../../protocol/delivery-items.ts";
import { stateOf } from "../../../../protocol/delivery-state.ts";
import { formatSeq } from "../../../../protocol/seq.ts";
import { sqsRecord } from "../support/aws-json-stand-in.ts";
import { json } from "../support/notehub-stand-in.ts";
import { drain, invoke, s3Message, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const KEY = "devices/dev:1/app/main.py";

function onTable(device: string, path: string) {
  const item = world.aws.items.get(`device#${device}\nfile#${path}`);
  return item === undefined ? undefined : readFileItem(item as Parameters<typeof readFileItem>[0]).value;
}

const NO_DEVICE = json({ err: "no such device" }, 404);

/** As `noteferry status` finds it, and in which lists the item stands. */
function shown(uid: string, path: string) {
  const item: Record<string, { S?: string }> = Object(world.aws.items.get(`device#${uid}\nfile#${path}`));
  const known = onTable(uid, path);
  if (known === undefined) return undefined;
  return {
    state: stateOf(known, undefined),
    reason: withheldIn(known)?.reason,
    ofFile: item.fileSk?.S?.split("#")[0],
    inTrouble: item.troublePk !== undefined,
  };
}

const withheld = (reason: string) => ({
  ...{ state: "not-announced", reason, ofFile: "not-announced", inTrouble: true },
});

describe("what could not be announced", () => {
  test("is shown with the reason, until it is announced after all", async () => {
    world.notehub.fault = () => NO_DEVICE;
    const message = s3Message(world.s3.upload(KEY, "one"));
    await invoke(world.environment(), [message]);
    expect(shown("dev:1", "app/main.py")).toEqual(withheld("Notehub answered 404: no such device"));
    expect(world.aws.items.has("device#dev:1\ndevice")).toBe(true);
    expect(world.aws.dead).toHaveLength(1);
    world.notehub.fault = () => undefined;
    await invoke(world.environment(), [message]); // redriven
    expect(shown("dev:1", "app/main.py")).toEqual({
      ...{ state: "announced", reason: undefined, ofFile: "announced", inTrouble: false },
    });
  });

  test("does not hide what is newer, however late it fails", async () => {
    const message = s3Message(world.s3.upload(KEY, "one"));
    const slow = world.environment({
      async fetch() {
        // While this waits for its answer, the next version is announced.
        await invoke(world.environment(), [s3Message(world.s3.upload(KEY, "two"))]);
        return Response.json({ err: "no such device" }, { status: 404 });
      },
    });
    await invoke(slow, [message]);
    expect(world.aws.dead).toHaveLength(1);
    expect(onTable("dev:1", "app/main.py")?.unannounced?.versionId).toBe("v1");
    expect(shown("dev:1", "app/main.py")).toMatchObject({ state: "announced", inTrouble: false });
  });

  test.each<[string, string, { MAX_FILE_BYTES?: string }, string]>([
    ["too big", KEY, { MAX_FILE_BYTES: "2" }, "too-big"],
    ["too long for a Note", `devices/dev:1/${"k".repeat(180)}`, {}, "announcement-too-long"],
  ])("is shown of a file that is %s", async (_what, key, env, reason) => {
    await invoke(world.environment({ env }), [s3Message(world.s3.upload(key, "one"))]);
    expect(shown("dev:1", key.slice("devices/dev:1/".length))).toEqual(withheld(reason));
    expect(world.aws.dead).toEqual([]);
  });

  test("is not lost where the table does not take a refusal: the message comes again", async () => {
    let away = true;
    world.aws.fault = (action) =>
      action === "PutItem" && away ? json({ __type: "InternalServerError" }, 500) : undefined;
    const message = s3Message(world.s3.upload(KEY, "one"));
    const handler = world.environment({ env: { MAX_FILE_BYTES: "2" } });
    expect((await invoke(handler, [message])).batchItemFailures).toHaveLength(1);
    away = false;
    expect((await invoke(handler, [message])).batchItemFailures).toEqual([]);
    expect(shown("dev:1", "app/main.py")).toEqual(withheld("too-big"));
  });

  test("is nothing that the table could hold if its key is longer than any that is announced", async () => {
    const key = `devices/dev:1/${"k".repeat(1000)}`;
    expect(
      (await invoke(world.environment(), [s3Message(world.s3.upload(key, "1"))])).batchItemFailures,
    ).toEqual([]);
    expect(world.events).toMatchObject([{ message: "refused" }]);
    expect([...world.aws.items]).toEqual([]);
  });

  test("reaches the dead letters though the table is away", async () => {
    world.notehub.fault = () => NO_DEVICE;
    world.aws.fault = (action) =>
      action.endsWith("Item") ? json({ __type: "InternalServerError" }, 500) : undefined;
    const message = s3Message(world.s3.upload(KEY, "one"));
    expect((await invoke(world.environment(), [message])).batchItemFailures).toEqual([]);
    expect(world.aws.dead.map(({ body }) => body)).toEqual([message]);
    expect(world.events.map((event) => event.message)).toEqual(["not-shown", "dead-lettered"]);
  });

  test("is shown at the last receipt of the message, before SQS puts it among the dead letters", async () => {
    world.notehub.fault = () => json({}, 503);
    const body = s3Message(world.s3.upload(KEY, "one"));
    const receive = (receives: number) => invoke(world.environment(), [sqsRecord(body, { receives })]);
    await receive(999);
    expect(shown("dev:1", "app/main.py")).toBeUndefined();
    expect((await receive(1000)).batchItemFailures).toHaveLength(1);
    expect(shown("dev:1", "app/main.py")).toEqual(withheld("notehub-503"));
  });

  test("is shown under the fleet whose devices cannot be listed, until they are told", async () => {
    world.notehub.fault = () => json({ err: "no such fleet" }, 404);
    const message = s3Message(world.s3.upload("fleets/fleet:1/a", "one"));
    await invoke(world.environment(), [message]);
    expect(shown("fleet:1", "a")).toEqual(withheld("Notehub answered 404: no such fleet"));
    expect(world.aws.items.has("device#fleet:1\ndevice")).toBe(false); // a fleet is no device
    world.notehub.fault = () => undefined;
    world.notehub.fleets.set("fleet:1", ["dev:1"]);
    await invoke(world.environment(), [message]);
    expect(shown("fleet:1", "a")).toMatchObject({ ofFile: undefined, inTrouble: false });
  });

  test("is nothing where a key is gone", async () => {
    world.notehub.fault = () => NO_DEVICE;
    world.s3.upload(KEY, "one");
    await invoke(world.environment(), [s3Message(world.s3.remove(KEY))]);
    expect(world.aws.dead).toHaveLength(1);
    expect(shown("dev:1", "app/main.py")).toBeUndefined();
  });
});

describe("what a device was told", () => {
  test("is on the delivery table, with when and of which content", async () => {
    const record = world.s3.upload(KEY, "one");
    await invoke(world.environment(), [s3Message(record)]);
    const { announced } = onTable("dev:1", "app/main.py") ?? {};
    expect(announced).toMatchObject({
      key: KEY,
      versionId: "v1",
      etag: record.s3.object.eTag,
      seq: formatSeq(record.s3.object.sequencer),
      size: 3,
      at: world.clock.now,
    });
  });

  test("is so for each device of a fleet", async () => {
    world.notehub.fleets.set("fleet:1", ["dev:1", "dev:2"]);
    world.aws.send(s3Message(world.s3.upload("fleets/fleet:1/a", "one")));
    const handler = world.environment();
    await drain(world, (records) => invoke(handler, records), { environments: 1, batch: 10 });
    for (const device of ["dev:1", "dev:2"]) {
      const delivery = onTable(device, "a");
      expect(delivery === undefined ? undefined : stateOf(delivery, undefined)).toBe("announced");
    }
  });

  test("stays the newest, whatever is announced late", async () => {
    const [one, two] = [world.s3.upload(KEY, "one"), world.s3.upload(KEY, "two")];
    await invoke(world.environment(), [s3Message(two), s3Message(one)]);
    expect(onTable("dev:1", "app/main.py")?.announced?.versionId).toBe("v2");
  });

  test("is written before the announcement counts as done, and by the next attempt if the table is away", async () => {
    world.aws.send(s3Message(world.s3.upload(KEY, "one")));
    let away = 2;
    world.aws.fault = (action) =>
      action === "PutItem" && away-- > 0 ? json({ __type: "InternalServerError" }, 500) : undefined;
    const handler = world.environment();
    await drain(world, (records) => invoke(handler, records), { environments: 1, batch: 10 });
    expect(onTable("dev:1", "app/main.py")?.announced?.versionId).toBe("v1");
    expect(world.notehub.accepted).toHaveLength(1); // the Note was found pending
    expect(world.aws.dead).toEqual([]);
  });
});
