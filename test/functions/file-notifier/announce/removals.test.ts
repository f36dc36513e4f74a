import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formatSeq } from "../../../../protocol/seq.ts";
import type { S3EventRecord } from "../support/s3-stand-in.ts";
import { invoke, s3Message, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const OWN = "devices/dev:7/app.py";

async function deliver(...records: S3EventRecord[]): Promise<void> {
  for (const record of records) {
    expect(await invoke(world.environment(), [s3Message(record)])).toEqual({ batchItemFailures: [] });
  }
}

const seqOf = ({ s3 }: S3EventRecord) => formatSeq(s3.object.sequencer);
const accepted = () => world.notehub.accepted.map(({ announcement }) => announcement);

describe("a key that was deleted [NF-8.6]", () => {
  test("is told to the device that it names, once [NF-2.6]", async () => {
    await deliver(world.s3.upload(OWN, "1"));
    const deletion = world.s3.remove(OWN);
    await deliver(deletion, deletion);
    expect(world.notehub.acceptedGone).toEqual([
      { device: "dev:7", gone: { name: OWN, seq: seqOf(deletion), gone: true } },
    ]);
    expect(world.events.slice(1)).toMatchObject([
      { message: "gone", key: OWN, device: "dev:7", foundQueued: false },
      { message: "duplicate" },
    ]);
  });

  test.each(["app.py", "fleets/fleet:1/app.py"])(
    "is told to nobody else, who might take it for a file: %s",
    async (key) => {
      world.notehub.fleets.set("fleet:1", ["dev:1"]);
      await deliver(world.s3.upload(key, "1"));
      await deliver(world.s3.remove(key));
      expect(world.notehub.acceptedGone).toEqual([]);
      expect(world.events.at(-1)).toMatchObject({ message: "ignored", key });
    },
  );

  test("is announced when it comes back, though it was announced before", async () => {
    const upload = world.s3.upload("app.py", "1");
    await deliver(upload);
    await deliver(world.s3.remove("app.py"));
    const undone = world.s3.removeVersion("app.py", "v2");
    await deliver(undone);
    expect(accepted()).toMatchObject([{ seq: seqOf(upload) }, { seq: seqOf(undone), size: 1 }]);
  });

  test("is not told of where it is there again", async () => {
    await deliver(world.s3.upload(OWN, "1"));
    const deletion = world.s3.remove(OWN);
    await deliver(world.s3.upload(OWN, "2"), deletion);
    expect(world.notehub.acceptedGone).toEqual([]);
  });

  test("is not announced again by a POST whose reply was lost [NF-8.3]", async () => {
    await deliver(world.s3.upload(OWN, "1"));
    const deletion = world.s3.remove(OWN);
    world.notehub.fault = ({ method }) => (method === "POST" ? "accept-then-drop" : undefined);
    await invoke(world.environment(), [s3Message(deletion)]);
    world.notehub.fault = () => undefined;
    await deliver(deletion);
    expect(world.notehub.acceptedGone).toHaveLength(1);
    expect(world.events.at(-1)).toMatchObject({ message: "gone", foundQueued: true });
  });
});

describe("a version that was removed [NF-8.6]", () => {
  test("lets the one before be announced, if it was the newest", async () => {
    await deliver(world.s3.upload(OWN, "1"));
    await deliver(world.s3.upload(OWN, "22"));
    const removal = world.s3.removeVersion(OWN, "v2");
    await deliver(removal);
    expect(accepted().map(({ size }) => size)).toEqual([1, 2, 1]);
    expect(accepted().at(-1)).toMatchObject({ name: OWN, seq: seqOf(removal) });
  });

  test("lets it be announced as well if its own event comes last", async () => {
    const first = world.s3.upload(OWN, "1");
    await deliver(first);
    const second = world.s3.upload(OWN, "22");
    const removal = world.s3.removeVersion(OWN, "v2");
    await deliver(removal);
    await deliver(second);
    expect(accepted()).toMatchObject([{ seq: seqOf(first) }, { seq: seqOf(removal), size: 1 }]);
  });

  test("lets it be announced if it was overtaken before its own event was handled, and its successor went too", async () => {
    await deliver(world.s3.upload(OWN, "1"));
    const second = world.s3.upload(OWN, "22");
    const third = world.s3.upload(OWN, "333");
    await deliver(second);
    const thirdGone = world.s3.removeVersion(OWN, "v3");
    await deliver(third);
    const secondGone = world.s3.removeVersion(OWN, "v2");
    await deliver(thirdGone, secondGone);
    expect(accepted().length).toBeGreaterThan(1);
    expect(accepted().at(-1)).toMatchObject({ seq: seqOf(secondGone), size: 1 });
  });

  test("announces nothing if it was an old one that expired", async () => {
    await deliver(world.s3.upload(OWN, "1"));
    await deliver(world.s3.upload(OWN, "22"));
    await deliver(world.s3.removeVersion(OWN, "v1", "LifecycleExpiration"));
    expect(accepted()).toHaveLength(2);
  });
});
