import { readFile } from "node:fs/promises";
import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { deviceWith } from "../support/device-with-file.ts";
import { filesBelow } from "../support/files-below.ts";
import { edited, type PackedForms, patchOf, publishPacked, sourceText, zstdOf } from "../support/packed.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";

const OLD = sourceText(7000);
const NEW = edited(OLD, "one line more");
const ZSTD = zstdOf(NEW);
const PATCH = patchOf(OLD, NEW);
const ALL: PackedForms = { zstd: ZSTD, patches: [[OLD, PATCH]], payload: [OLD, PATCH] };
const WITHOUT_NOTE: PackedForms = { zstd: ZSTD, patches: [[OLD, PATCH]] };

describe("the way with the fewest bytes is taken [NF-10.5]:", () => {
  test("a payload costs no request at all", async () => {
    const { card, start, file, name } = await deviceWith(OLD);
    publishPacked(card, name, NEW, ALL);
    const installed = await start().next("installed");
    expect(installed).toMatchObject({ way: "note", carried: PATCH.length, bytes: 0, requests: 0 });
    expect(await readFile(file)).toEqual(NEW);
    await expect.poll(() => card.queue).toEqual([]);
    expect(card.fetches).toBe(0);
    expect(card.reports).toContainEqual(
      expect.objectContaining({ state: "installed", way: "note", bytes: 0 }),
    );
  });

  test("a patch is one request for exactly its bytes", async () => {
    const { card, start, file, name } = await deviceWith(OLD);
    publishPacked(card, name, NEW, WITHOUT_NOTE);
    const installed = await start().next("installed");
    expect(installed).toMatchObject({
      way: "patch",
      carried: PATCH.length,
      bytes: PATCH.length,
      requests: 1,
    });
    expect(await readFile(file)).toEqual(NEW);
    expect([card.fetches, card.served]).toEqual([1, PATCH.length]);
  });

  test.each(["json", "raw", "binary"])("zstd where no base is there, by the %s door", async (door) => {
    const { card, start, file, name } = await deviceWith(undefined);
    publishPacked(card, name, NEW, ALL);
    const installed = await start({ flags: ["--fetch", door] }).next("installed");
    expect(installed).toMatchObject({ way: "zstd", bytes: ZSTD.length });
    expect(await readFile(file)).toEqual(NEW);
    expect(card.served).toBe(ZSTD.length);
  });

  test("a file that was changed by hand is no base, and is replaced by the next best", async () => {
    const { card, start, file, name } = await deviceWith(Buffer.concat([OLD, Buffer.from("# by hand\n")]));
    publishPacked(card, name, NEW, ALL);
    expect(await start().next("installed")).toMatchObject({ way: "zstd" });
    expect(await readFile(file)).toEqual(NEW);
  });

  test("payloads of updates that were slept through lead to the newest", async () => {
    const { card, start, file, name } = await deviceWith(OLD);
    const versions = [OLD, NEW, edited(NEW, "two"), edited(NEW, "three")];
    for (const [at, content] of versions.slice(1).entries()) {
      const base = versions[at] ?? OLD;
      publishPacked(card, name, content, { payload: [base, patchOf(base, content)] }, at + 1);
    }
    const agent = start();
    expect(await agent.next("installed")).toMatchObject({ way: "note", requests: 0 });
    expect(await readFile(file)).toEqual(versions.at(-1));
    await expect.poll(() => card.queue).toEqual([]);
    expect(agent.events.filter(({ event }) => event === "installed")).toHaveLength(1);
    expect(card.fetches).toBe(0);
  });

  test("what is said without a place in the order does not count [NF-10.2]", async () => {
    const { card, start, name } = await deviceWith(OLD);
    publishPacked(card, name, NEW, ALL);
    const [note] = card.queue;
    if (note !== undefined) note.body = { ...note.body, seq: undefined };
    expect(await start().next("installed")).toMatchObject({ way: "whole", bytes: NEW.length });
  });

  test("nor does it where an earlier version of the name had none [NF-8.4]", async () => {
    const { card, start, name } = await deviceWith(OLD);
    card.publish(name, OLD);
    const agent = start();
    await agent.next("unchanged");
    publishPacked(card, name, NEW, ALL);
    expect(await agent.next("installed")).toMatchObject({ way: "whole" });
  });

  test("what exceeds the limits does not count", async () => {
    const { card, start, name } = await deviceWith(OLD);
    publishPacked(card, name, NEW, ALL);
    const flags = ["--patch-max-bytes", "6999", "--zstd-max-bytes", "7000"];
    expect(await start({ flags }).next("installed")).toMatchObject({ way: "whole" });
  });
});

const other = sourceText(7013, 9);
const wrong = edited(OLD, "one line else");
const bomb = zlib.zstdCompressSync(Buffer.alloc(50 * 1024 * 1024));
const wideWindow = await frameWithWindow(27, NEW);

/** A frame whose head names no size, and so the window that was set. */
async function frameWithWindow(windowLog: number, content: Buffer): Promise<Buffer> {
  const encoder = zlib.createZstdCompress({ params: { [zlib.constants.ZSTD_c_windowLog]: windowLog } });
  encoder.write(content);
  encoder.flush(() => encoder.end());
  const pieces: Buffer[] = [];
  for await (const piece of encoder) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What may be served in the frame's place; of all of it, nothing may be installed. */
const HOSTILE_ZSTD: [string, Buffer][] = [
  ["the right frame of the wrong content", zstdOf(other)],
  ["a truncated frame", ZSTD.subarray(0, -9)],
  ["bytes after the frame", Buffer.concat([ZSTD, Buffer.from("more")])],
  ["two frames", Buffer.concat([ZSTD, ZSTD])],
  ["a bomb", bomb.subarray(0, 6000)],
  ["a patch from another base", patchOf(other, NEW)],
  ["no frame", patternedBytes(200, 3)],
  ["a frame that needs a wider window", wideWindow],
];

/** What may be carried or served in the patch's place. */
const HOSTILE_PATCHES: [string, Buffer][] = [
  ["the right frame of the wrong content", patchOf(OLD, wrong)],
  ["a truncated frame", PATCH.subarray(0, -3)],
  ["bytes after the frame", Buffer.concat([PATCH, Buffer.from("more")])],
  ["two frames", Buffer.concat([PATCH, PATCH])],
  ["a bomb", bomb.subarray(0, 200)],
  ["a patch from another base", patchOf(other, edited(other, "one line more"))],
  ["no frame", patternedBytes(200, 3)],
];

describe("a form that cannot be used is left for the next best, and condemns nothing [NF-10.6] [NF-10.7]:", () => {
  test.each(HOSTILE_ZSTD)("%s as zstd", async (_, zstd) => {
    const { card, start, file, root, name } = await deviceWith(undefined);
    publishPacked(card, name, NEW, { zstd });
    const agent = start();
    const installed = await agent.next("installed");
    expect(await readFile(file)).toEqual(NEW);
    expect(agent.events).toContainEqual(
      expect.objectContaining({ event: "fell-back", from: "zstd", to: "whole" }),
    );
    expect(installed).toMatchObject({ way: "whole", bytes: zstd.length + NEW.length });
    expect(await filesBelow(root)).toEqual([name]);
  });

  test.each(HOSTILE_PATCHES)("%s as a payload, then as a patch", async (_, patch) => {
    const { card, start, file, name } = await deviceWith(OLD);
    publishPacked(card, name, NEW, { payload: [OLD, patch], patches: [[OLD, patch]], zstd: ZSTD });
    const agent = start();
    expect(await agent.next("installed")).toMatchObject({ way: "zstd" });
    expect(await readFile(file)).toEqual(NEW);
    const fell = agent.events.filter(({ event }) => event === "fell-back");
    expect(fell).toMatchObject([
      { from: "note", to: "patch", reason: "packing" },
      { from: "patch", to: "zstd", reason: expect.stringMatching(/^(?:packing|wrong-hash)$/) },
    ]);
  });

  test("one that the server does not have, or has in another length", async () => {
    const { card, start, name } = await deviceWith(OLD);
    const { sha256 } = publishPacked(card, name, NEW, { patches: [[OLD, PATCH]], zstd: ZSTD });
    for (const key of card.files.keys()) if (key.startsWith("packed:patch/")) card.files.delete(key);
    card.files.set(`packed:zstd/${sha256}`, ZSTD.subarray(1));
    const agent = start();
    expect(await agent.next("installed")).toMatchObject({ way: "whole" });
    const fell = agent.events.filter(({ event }) => event === "fell-back");
    expect(fell).toMatchObject([
      { from: "patch", reason: "file-not-found" },
      { from: "zstd", reason: "wrong-size" },
    ]);
  });

  test.each([
    ["no base64", "not base64!"],
    ["nothing", ""],
    ["more than a Note carries", Buffer.alloc(251, 1)],
  ])("a payload that is %s [NF-10.2]", async (_, payload) => {
    const { card, start, name } = await deviceWith(OLD);
    publishPacked(card, name, NEW, { payload: [OLD, payload as Buffer], zstd: ZSTD });
    const agent = start();
    expect(await agent.next("installed")).toMatchObject({ way: "zstd" });
    expect(agent.events.some(({ event }) => event === "fell-back")).toBe(false);
  });

  test("a payload without b, and b without a payload [NF-10.2]", async () => {
    const { card, start, name } = await deviceWith(OLD);
    publishPacked(card, name, NEW, ALL);
    const [note] = card.queue;
    if (note !== undefined) Object.assign(note, { body: { ...note.body, b: undefined, p: undefined } });
    const agent = start();
    expect(await agent.next("installed")).toMatchObject({ way: "zstd" });
    const newest = edited(NEW, "newest");
    publishPacked(card, name, newest, { payload: [NEW, ""], zstd: zstdOf(newest) }, 2);
    expect(await agent.next("installed")).toMatchObject({ way: "zstd" });
  });
});

test("a file that no patch can start from costs no more than the next best [NF-10.6]", async () => {
  const magic = Buffer.concat([Buffer.from("37a430ec", "hex"), patternedBytes(3000, 5)]);
  const { card, start, file, name } = await deviceWith(magic);
  publishPacked(card, name, NEW, { payload: [magic, PATCH], patches: [[magic, PATCH]], zstd: ZSTD });
  expect(await start().next("installed")).toMatchObject({ way: "zstd" });
  expect(await readFile(file)).toEqual(NEW);
});
