import { zstdCompressSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, test } from "vitest";
import type { S3Fault, S3Operation } from "../../../../local/aws/s3/observation.ts";
import { packedKey } from "../../../../protocol/packed.ts";
import { baseName } from "../../../../protocol/representation.ts";
import {
  expectAllUnpack,
  type PackingWorld,
  sha256,
  sourceText,
  startPackingWorld,
} from "../support/packing-world.ts";
import { invoke } from "../support/world.ts";

let world: PackingWorld;
beforeEach(async () => {
  world = await startPackingWorld();
});

const DONE = { batchItemFailures: [] };
const text = (edit = 0) => Buffer.from(sourceText(8_000, 1, edit));
const isPacked = ({ bucket }: S3Operation) => bucket === "packed";

/** Uploads and announces each content. */
async function announceAll(key: string, ...contents: Uint8Array[]): Promise<void> {
  for (const content of contents) {
    const { message } = await world.upload(key, content);
    expect(await invoke(world.packer(), [message])).toEqual(DONE);
  }
}

const last = () => {
  const accepted = world.notehub.accepted.at(-1);
  if (accepted === undefined) throw new Error("nothing was accepted");
  return accepted;
};

describe("whatever the packed bucket does, the version is announced once, and what it says is true [NF-10.2]", () => {
  const FAULTS: S3Fault[] = [{ fail: "ServiceUnavailable" }, { drop: "request" }, { drop: "reply" }];

  test.each(FAULTS)("%j, at each of its requests in turn", async (fault) => {
    const contents = [text()];
    await announceAll("m", text());
    for (let at = 0, met = true; met; at += 1) {
      let requests = 0;
      world.fault = (operation) => (isPacked(operation) && requests++ === at ? fault : undefined);
      const content = text(at + 1);
      await announceAll("m", content);
      met = requests > at;
      world.fault = () => undefined;
      await expectAllUnpack(world, last(), contents);
      expect(last().announcement.sha256).toBe(sha256(content));
      expect(world.notehub.accepted).toHaveLength(at + 2);
      contents.push(content);
    }
    expect(world.events.map(({ message }) => message)).toContain("packing-failed");
    expect(contents.length).toBeGreaterThan(8); // or hardly anything was met
  });

  test("away for good: without, and the next content is packed again", async () => {
    world.fault = (operation) => (isPacked(operation) ? { fail: "InternalError" } : undefined);
    await announceAll("m", text());
    expect(await expectAllUnpack(world, last(), [])).toEqual([]);
    world.fault = () => undefined;
    await announceAll("m", text(1), text(2));
    expect(await expectAllUnpack(world, last(), [text(), text(1)])).toEqual(["note", "zstd"]);
  });
});

describe("an attempt that did not end is not repeated", () => {
  test.each([
    ["as it begins", "PutObject", "zstd/", []],
    ["with a frame stored", "HeadObject", "patch/", ["zstd"]],
    ["with all stored, and nothing recorded", "GetObject", "patch/", ["note", "zstd"]],
  ])("killed %s: what is there is told, and nothing is made", async (_when, command, prefix, ways) => {
    await announceAll("m", text());
    const { message } = await world.upload("m", text(1));
    const { s3, died } = world.mortal((name, key) => name === `${command}Command` && key.startsWith(prefix));
    expect(await Promise.race([invoke(world.packer({ s3 }), [message]), died])).toBe("died");
    world.asked.length = 0;
    expect(await invoke(world.packer(), [message])).toEqual(DONE);
    expect(await expectAllUnpack(world, last(), [text()])).toEqual(ways);
    expect(world.asked.filter((line) => /^PutObject packed\/(zstd|patch)/.test(line))).toEqual([]);
    // What comes after it is an attempt of its own.
    await announceAll("m", text(2));
    expect(await expectAllUnpack(world, last(), [text(), text(1)])).toContain("note");
  });

  test("killed before its first frame is looked for: without, once", async () => {
    const { message } = await world.upload("m", text());
    const { s3, died } = world.mortal((name, key) => name === "HeadObjectCommand" && key.startsWith("zstd/"));
    await Promise.race([invoke(world.packer({ s3 }), [message]), died]);
    expect(await invoke(world.packer(), [message])).toEqual(DONE);
    expect(world.notehub.accepted).toHaveLength(1);
  });
});

describe("time that is up", () => {
  test("ends the packing, and the announcement goes without", async () => {
    await announceAll("m", text());
    const { message } = await world.upload("m", text(1));
    expect(await invoke(world.packer({ env: { PACK_SECONDS: "0" } }), [message])).toEqual(DONE);
    expect(await expectAllUnpack(world, last(), [])).toEqual([]);
    expect(world.events.at(-2)).toMatchObject({ message: "packing-failed", reason: "TimeoutError" });
  });
});

describe("bases", () => {
  test("that are gone are passed over", async () => {
    const { message, versionId } = await world.upload("m", text());
    await invoke(world.packer(), [message]);
    await announceAll("m", text(1));
    await world.removeVersion("m", versionId);
    await announceAll("m", text(2));
    expect(last().announcement.p).toBeUndefined();
    expect(last().announcement.b).toBe(baseName(sha256(text(1))));
  });

  test("that are not what they were are passed over", async () => {
    await announceAll("m", text());
    const [contents = ""] = (await world.keys("packed")).filter((key) => key.startsWith("contents/"));
    const [remembered] = JSON.parse((await world.read("packed", contents)).toString());
    const other = await world.upload("n", text().reverse());
    const lie = JSON.stringify([{ ...remembered, sha256: "A".repeat(43) }]);
    await world.s3.send(new PutObjectCommand({ Bucket: "packed", Key: contents, Body: lie }));
    await announceAll("m", text(1));
    expect(await expectAllUnpack(world, last(), [])).toEqual(["zstd"]);
    expect(other.versionId).not.toBe(remembered.versionId);
  });

  test.each(["", "{}", "[7]", '[{"sha256":"x"}]', "null"])(
    "that nobody can read are forgotten: %j",
    async (junk) => {
      await announceAll("m", text());
      const [contents = ""] = (await world.keys("packed")).filter((key) => key.startsWith("contents/"));
      await world.s3.send(new PutObjectCommand({ Bucket: "packed", Key: contents, Body: junk }));
      await announceAll("m", text(1), text(2));
      expect(await expectAllUnpack(world, last(), [text(1)])).toEqual(["note", "zstd"]);
    },
  );
});

describe("side by side", () => {
  test("two environments pack one content once, and a batch one after the other", async () => {
    const uploads = await Promise.all(["a", "b", "c"].map((key) => world.upload(key, text())));
    const messages = uploads.map(({ message }) => message);
    const handlers = [world.packer(), world.packer()];
    expect(await Promise.all(handlers.map((handler) => invoke(handler, messages)))).toBeDefined();
    const stored = (await world.keys("packed")).filter((key) => key.startsWith("zstd/"));
    expect(stored).toEqual([packedKey({ sha256: sha256(text()) })]);
    for (const accepted of world.notehub.accepted) await expectAllUnpack(world, accepted, []);
  });

  test("who was slower tells the size of what is stored", async () => {
    const frame = zstdCompressSync(text());
    const name = packedKey({ sha256: sha256(text()) });
    let stored = false;
    const { s3 } = world.mortal(async (command, key) => {
      if (command === "PutObjectCommand" && key === name && !stored) {
        stored = true;
        await world.s3.send(new PutObjectCommand({ Bucket: "packed", Key: name, Body: frame }));
      }
      return false;
    });
    const { message } = await world.upload("m", text());
    await invoke(world.packer({ s3 }), [message]);
    expect(last().announcement.z).toBe(frame.length);
  });
});
