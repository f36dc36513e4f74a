import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readFileItem } from "../../../../protocol/delivery-items.ts";
import { stateOf } from "../../../../protocol/delivery-state.ts";
import { formatSeq } from "../../../../protocol/seq.ts";
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
