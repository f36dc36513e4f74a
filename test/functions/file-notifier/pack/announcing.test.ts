import { beforeEach, describe, expect, test } from "vitest";
import { baseName } from "../../../../protocol/representation.ts";
import { json } from "../support/notehub-stand-in.ts";
import {
  expectAllUnpack,
  type PackingWorld,
  sha256,
  sourceText,
  startPackingWorld,
} from "../support/packing-world.ts";
import { DEVICE, drain, invoke } from "../support/world.ts";

let world: PackingWorld;
beforeEach(async () => {
  world = await startPackingWorld();
});

const DONE = { batchItemFailures: [] };
const FLEET = "fleet:1";
const before = Buffer.from(sourceText(8_000, 1));
const after = Buffer.from(sourceText(8_000, 1, 1));

/** Announces the first content, and gives the message of the second. */
async function secondMessage(key = "m"): Promise<string> {
  const { message } = await world.upload(key, before);
  await invoke(world.packer(), [message]);
  world.notehub.accepted.length = 0;
  world.notehub.requests.length = 0;
  return (await world.upload(key, after)).message;
}

const posts = () =>
  world.notehub.requests.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body));

describe("what rides with an announcement comes as far as it does [NF-10.4]", () => {
  test("to every device of a fleet, packed once", async () => {
    world.notehub.fleets.set(FLEET, ["dev:1", "dev:2", "dev:3"]);
    for (const content of [before, after]) {
      world.aws.send((await world.upload("fleets/fleet:1/m", content)).message);
      await drain(world, (records) => invoke(world.packer(), records), { environments: 2, batch: 2 });
    }
    const last = world.notehub.accepted.slice(-3);
    expect(last.map(({ device }) => device).sort()).toEqual(["dev:1", "dev:2", "dev:3"]);
    for (const accepted of last)
      expect(await expectAllUnpack(world, accepted, [before])).toEqual(["note", "zstd"]);
    expect(world.events.filter(({ message }) => message === "packed")).toHaveLength(2);
  });

  test("after a retry, from the record: nothing is read or packed again", async () => {
    const message = await secondMessage();
    world.notehub.fault = () => json({}, 503);
    await invoke(world.packer(), [message]);
    world.notehub.fault = () => undefined;
    const [first] = posts();
    world.asked.length = 0;
    world.notehub.queued.clear(); // the device synced
    expect(await invoke(world.packer(), [message])).toEqual(DONE);
    expect(posts().at(-1)).toEqual(first);
    expect(world.asked.filter((line) => /GetObject files|packed/.test(line))).toEqual([]);
    const [accepted] = world.notehub.accepted;
    expect(accepted && (await expectAllUnpack(world, accepted, [before]))).toEqual(["note", "zstd"]);
  });

  test("and a Note with a payload that still waits is found as any other [NF-8.3]", async () => {
    const message = await secondMessage();
    world.notehub.fault = ({ method }) => (method === "POST" ? "accept-then-500" : undefined);
    await invoke(world.packer(), [message]);
    world.notehub.fault = () => undefined;
    expect(await invoke(world.packer(), [message])).toEqual(DONE);
    expect(posts()).toHaveLength(1);
    expect(world.events.at(-1)).toMatchObject({ message: "announced", foundQueued: true });
  });

  test("but not where the order of the key is unknown [NF-8.4] [NF-10.2]", async () => {
    const first = JSON.parse((await world.upload("m", before)).message);
    first.Records[0].s3.object.sequencer = "FF".repeat(20);
    await invoke(world.packer(), [JSON.stringify(first)]);
    await invoke(world.packer(), [(await world.upload("m", after)).message]);
    const accepted = world.notehub.accepted.at(-1);
    expect(accepted?.announcement).toEqual({
      ...{ name: "m", size: after.length, sha256: sha256(after) },
      etag: expect.any(String),
    });
    expect(accepted?.payload).toBeUndefined();
  });
});

describe("a payload that Notehub refuses [NF-10.4]", () => {
  const refusePayloads = () => {
    world.notehub.fault = ({ body }) =>
      body.includes('"payload"') ? json({ err: "no payloads" }, 400) : undefined;
  };

  test("is left out, once more: its patch can be fetched. That is told once in an environment", async () => {
    const message = await secondMessage();
    const other = await secondMessage("n");
    refusePayloads();
    const handler = world.packer();
    expect(await invoke(handler, [message])).toEqual(DONE);
    const [withPayload, without] = posts();
    expect(withPayload.body.b).toBe(baseName(sha256(before)));
    const bytes = Buffer.from(withPayload.payload, "base64").length;
    expect(without.body.p).toEqual([[withPayload.body.b, bytes]]);
    const [accepted] = world.notehub.accepted;
    expect(accepted && (await expectAllUnpack(world, accepted, [before]))).toEqual(["patch", "zstd"]);
    expect(await invoke(handler, [other])).toEqual(DONE);
    expect(posts()).toHaveLength(4);
    expect(world.events.filter((event) => event.message === "payload-refused")).toMatchObject([
      { key: "m", detail: expect.stringContaining("400: no payloads") },
    ]);
  });

  test("is not what is wrong if the Note is refused without it as well", async () => {
    const message = await secondMessage();
    world.notehub.fault = () => json({ err: "no such device" }, 404);
    expect(await invoke(world.packer(), [message])).toEqual(DONE);
    expect(posts()).toHaveLength(2);
    expect(world.aws.dead).toHaveLength(1);
    expect(world.events.some((event) => event.message === "payload-refused")).toBe(false);
  });

  test.each([401, 403, 408, 429, 500])("is not what a %i is about", async (status) => {
    const message = await secondMessage();
    world.notehub.fault = () => json({}, status);
    expect((await invoke(world.packer(), [message])).batchItemFailures).toHaveLength(1);
    expect(posts().every(({ payload }) => payload !== undefined)).toBe(true);
    world.notehub.fault = () => undefined;
    await invoke(world.packer(), [message]);
    expect(world.notehub.accepted).toMatchObject([{ device: DEVICE, payload: expect.any(String) }]);
  });
});
