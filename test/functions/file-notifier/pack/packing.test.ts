import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
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

/** Uploads contents one after the other, each announced before the next; the last that was accepted. */
async function announceAll(key: string, contents: readonly (string | Uint8Array)[]) {
  for (const content of contents) {
    const { message } = await world.upload(key, content);
    expect(await invoke(world.packer(), [message])).toEqual(DONE);
  }
  const last = world.notehub.accepted.at(-1);
  if (last === undefined) throw new Error("nothing was accepted");
  return last;
}

const text = (edit = 0) => Buffer.from(sourceText(20_000, 1, edit));

describe("a new content is packed once, and its announcement says so", () => {
  test("not compressed above the limit for that, though patched [NF-10.2]", async () => {
    const env = { ZSTD_MAX_BYTES: String(Math.min(text().length, text(1).length) - 1) };
    for (const content of [text(), text(1)]) {
      const { message } = await world.upload("main.py", content);
      expect(await invoke(world.packer({ env }), [message])).toEqual(DONE);
    }
    const { announcement } = world.notehub.accepted.at(-1) ?? expect.fail("nothing was accepted");
    expect([announcement.z, announcement.b]).toEqual([undefined, baseName(sha256(text()))]);
  });

  test("compressed, under a name that says what it unpacks to [NF-10.1] [NF-10.3]", async () => {
    const accepted = await announceAll("main.py", [text()]);
    expect(await expectAllUnpack(world, accepted, [])).toEqual(["zstd"]);
    expect(accepted.announcement.z).toBeLessThan(text().length * 0.9);
    expect(world.events).toMatchObject([
      { message: "packed", key: "main.py", size: text().length, zstd: accepted.announcement.z, made: true },
      { message: "announced" },
    ]);
  });

  test("as patches from the last four different contents; one that is short rides along [NF-10.2] [NF-10.4]", async () => {
    const contents = [0, 1, 2, 3, 4, 5].map(text);
    const accepted = await announceAll("m", contents);
    expect(await expectAllUnpack(world, accepted, contents)).toEqual([
      "note",
      "patch",
      "patch",
      "patch",
      "zstd",
    ]);
    const [, first, second, third, fourth, newest] = contents.map((content) => baseName(sha256(content)));
    expect(newest).toBe(baseName(accepted.announcement.sha256));
    expect(accepted.announcement.b).toBe(fourth);
    expect(accepted.announcement.p?.map(([base]) => base)).toEqual([third, second, first]);
  });

  test("a patch that is longer than a Note carries is fetched [NF-10.4]", async () => {
    const [before, after] = [text(), Buffer.from(sourceText(20_000, 1, 40))];
    const accepted = await announceAll("m", [before, after]);
    expect(await expectAllUnpack(world, accepted, [before])).toEqual(["patch", "zstd"]);
    expect(accepted.announcement.p?.[0]?.[1]).toBeGreaterThan(250);
  });

  test("a content that comes back is patched from what was there between [NF-10.2]", async () => {
    const [a, b] = [text(), text(1)];
    const accepted = await announceAll("m", [a, b, a]);
    expect(accepted.announcement).toMatchObject({ sha256: sha256(a), b: baseName(sha256(b)) });
    expect(await expectAllUnpack(world, accepted, [a, b])).toContain("note");
  });

  test("and nothing is made again of what is there: for another key, a copied file, a repeated message", async () => {
    const { message } = await world.upload("a", text());
    await invoke(world.packer(), [message]);
    const [first] = world.notehub.accepted;
    world.asked.length = 0;
    const other = await world.upload("devices/dev:7/b", text());
    await invoke(world.packer(), [other.message]);
    expect(world.notehub.accepted.at(-1)?.announcement.z).toBe(first?.announcement.z);
    expect(world.asked.filter((line) => /^PutObject packed\/(zstd|patch)\//.test(line))).toEqual([]);
    // The same content once more under the same key is the newest there is: its attempt ended.
    world.asked.length = 0;
    await announceAll("a", [text()]);
    expect(world.notehub.accepted.at(-1)?.announcement.z).toBe(first?.announcement.z);
    expect(world.asked.filter((line) => line.includes("packed/zstd"))).toEqual([]);
  });
});

describe("what would not save enough is left out", () => {
  test.each([
    ["random bytes", randomBytes(40_000)],
    ["gzip", gzipSync(sourceText(200_000, 3))],
  ])("%s cost one look at a sample", async (_what, content) => {
    const accepted = await announceAll("m", [content]);
    expect(await expectAllUnpack(world, accepted, [])).toEqual([]);
    expect(await world.keys("packed")).toEqual([
      expect.stringMatching(/^attempts\//),
      expect.stringMatching(/^contents\//),
    ]);
  });

  test("but compressed content is patched where it has much of the one before", async () => {
    const before = randomBytes(40_000);
    const after = Buffer.concat([before.subarray(0, 20_000), Buffer.from("x"), before.subarray(20_000)]);
    const accepted = await announceAll("m", [before, after]);
    expect(await expectAllUnpack(world, accepted, [before])).toEqual(["note"]);
  });

  test("and of compressed content only the newest base is looked at", async () => {
    await announceAll(
      "m",
      [1, 2, 3].map(() => randomBytes(10_000)),
    );
    world.asked.length = 0;
    await announceAll("m", [randomBytes(10_000)]);
    expect(world.asked.filter((line) => line === "GetObject files/m")).toHaveLength(2); // itself and that base
  });

  test("a base that has nothing in common is no base", async () => {
    const accepted = await announceAll("m", [text(), randomBytes(20_000).toString("hex")]);
    expect(await expectAllUnpack(world, accepted, [text()])).toEqual(["zstd"]);
  });

  test("a base that zstd would take for a trained dictionary is none [NF-10.3]", async () => {
    const magic = Buffer.concat([Buffer.from([0x37, 0xa4, 0x30, 0xec]), text()]);
    const accepted = await announceAll("m", [magic, text()]);
    expect(await expectAllUnpack(world, accepted, [magic])).toEqual(["zstd"]);
    expect(world.events.map(({ message }) => message)).not.toContain("packing-failed");
  });

  test("an empty file, and one without room for more than its seq, ask the packed bucket for nothing", async () => {
    await announceAll("empty", [new Uint8Array()]);
    await announceAll("n".repeat(105), [text()]);
    expect(world.asked.filter((line) => line.includes("packed/"))).toEqual([]);
  });
});

describe("limits", () => {
  test("above the patches' limit content is read once more to compress it, and is no base", async () => {
    const large = Buffer.from(sourceText(600_000, 5));
    const accepted = await announceAll("m", [large, Buffer.concat([large, Buffer.from("x")])]);
    expect(await expectAllUnpack(world, accepted, [large])).toEqual(["zstd"]);
    expect(world.asked.filter((line) => line === "GetObject files/m")).toHaveLength(4);
  });

  test("above the limit of zstd content is only hashed", async () => {
    const accepted = await announceAll("m", [Buffer.from(sourceText(1_100_000, 5))]);
    expect(await expectAllUnpack(world, accepted, [])).toEqual([]);
    expect(world.asked.filter((line) => line.includes("packed/"))).toEqual([]);
  });

  test("with packing switched off Notes are as they were", async () => {
    const { message } = await world.upload("m", text());
    await invoke(world.packer({ env: { PACK_SECONDS: undefined } }), [message]);
    expect(Object.keys(world.notehub.accepted[0]?.announcement ?? {})).toEqual([
      "name",
      "size",
      "sha256",
      "etag",
      "seq",
    ]);
    expect(world.asked.filter((line) => line.includes("packed/"))).toEqual([]);
  });
});
