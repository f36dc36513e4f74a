import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { applyPatches } from "../../../agent/unpack/apply-patches.ts";
import { unpack } from "../../../agent/unpack/unpack.ts";
import { unpackingHere } from "../../../agent/unpack/unpacking-here.ts";
import { createRandom, type Random, readSeed } from "../../support/seeded-random.ts";
import { sha256 } from "../support/fake-card.ts";
import { edited, patchOf, sourceText, zstdOf } from "../support/packed.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";

const LONG = process.env.NOTEFERRY_FAULTS === "long";
const SEED = readSeed();

const BASE = sourceText(5000);
const CONTENT = edited(BASE, "changed");

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

/** In pieces of one buffer, as a download gives them: each is overwritten by the next. */
async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  const room = Buffer.alloc(length);
  for (let at = 0; at < bytes.length; at += length) {
    const copied = bytes.copy(room, 0, at, at + length);
    yield room.subarray(0, copied);
  }
}

async function unpacked(packed: AsyncIterable<Buffer>, size: number, base?: Buffer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of unpack(packed, { size, base })) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

describe("unpacking", () => {
  test.each([1, 7, 1000])("gives the content, whatever the pieces (%d bytes)", async (length) => {
    const big = sourceText(300_000, 2);
    expect((await unpacked(inPieces(zstdOf(big), Math.max(100, length)), big.length)).equals(big)).toBe(true);
    const patch = patchOf(BASE, CONTENT);
    expect(await unpacked(inPieces(patch, length), CONTENT.length, BASE)).toEqual(CONTENT);
  });

  test("tells what reading the packed bytes threw, not that they do not unpack", async () => {
    const broken = new Error("the disk broke");
    async function* breaking() {
      yield zstdOf(CONTENT).subarray(0, 10);
      throw broken;
    }
    await expect(unpacked(breaking(), CONTENT.length)).rejects.toBe(broken);
  });

  test("refuses what gives fewer bytes than were announced", async () => {
    await expect(unpacked(once(zstdOf(CONTENT)), CONTENT.length + 1)).rejects.toMatchObject({
      reason: "packing",
    });
  });

  test("ends when nobody reads on", async () => {
    const zeros = zlib.zstdCompressSync(Buffer.alloc(10_000_000));
    let left = false;
    async function* leaving() {
      try {
        yield* inPieces(Buffer.concat([zeros, Buffer.alloc(1_000_000)]), 1000);
      } finally {
        left = true;
      }
    }
    for await (const piece of unpack(leaving(), { size: 10_000_000 })) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => left).toBe(true);
  });

  test("stops at the announced size, however much there would be [NF-10.7]", async () => {
    const bomb = zlib.zstdCompressSync(Buffer.alloc(300 * 1024 * 1024));
    let given = 0;
    const reading = async () => {
      for await (const piece of unpack(once(bomb), { size: 1000 })) given += piece.length;
    };
    await expect(reading()).rejects.toMatchObject({ reason: "packing" });
    expect(given).toBeLessThanOrEqual(1000);
  });
});

const SHA256 = sha256(CONTENT);

function outcomeOf(task: () => Buffer): unknown {
  try {
    return task();
  } catch (error) {
    return error;
  }
}

/** Bytes changed, left out, put in, repeated, or all of it. */
function spoilt(frame: Buffer, random: Random): Buffer {
  const at = random.below(frame.length + 1);
  const length = random.below(8);
  const rest = frame.subarray(at);
  switch (random.below(5)) {
    case 0:
      return frame.map((byte, index) => (index === at ? byte ^ (1 << random.below(8)) : byte)) as Buffer;
    case 1:
      return Buffer.concat([frame.subarray(0, at), frame.subarray(at + length)]);
    case 2:
      return Buffer.concat([frame.subarray(0, at), patternedBytes(length, random.below(1000)), rest]);
    case 3:
      return frame.subarray(0, at);
    default:
      return Buffer.concat([frame, rest]);
  }
}

test("a spoilt frame ends as one, or with as many bytes as were announced; nothing else comes of it [NF-10.7]", async () => {
  const random = createRandom(SEED);
  const frames: [Buffer, Buffer | undefined][] = [
    [zstdOf(CONTENT), undefined],
    [patchOf(BASE, CONTENT), BASE],
  ];
  for (let run = 0; run < (LONG ? 200_000 : 400); run += 1) {
    const [frame, base] = random.pick(frames) ?? [Buffer.alloc(0), undefined];
    let hostile = spoilt(frame, random);
    if (random.chance(0.3)) hostile = spoilt(hostile, random);
    const pieces = inPieces(hostile, 1 + random.below(500));
    const ended = await unpacked(pieces, CONTENT.length, base).catch((error: unknown) => error);
    const atOnce = outcomeOf(() =>
      applyPatches(base ?? Buffer.alloc(0), [
        { base: "", sha256: SHA256, size: CONTENT.length, patch: hostile },
      ]),
    );
    if (ended instanceof Buffer) expect(ended, `run ${run}`).toHaveLength(CONTENT.length);
    else expect(ended, `run ${run}`).toMatchObject({ name: "InstallFailed", reason: "packing" });
    if (atOnce instanceof Buffer) expect(atOnce.equals(CONTENT), `run ${run}`).toBe(true);
    else expect(atOnce, `run ${run}`).toMatchObject({ name: "InstallFailed", reason: "packing" });
  }
}, 3_600_000);

test("a base that libzstd takes for a broken dictionary is none, and ends nothing else [NF-10.6]", async () => {
  const base = Buffer.concat([Buffer.from("37a430ec", "hex"), patternedBytes(500, 3)]);
  const packing = { name: "InstallFailed", reason: "packing" };
  const patch = patchOf(BASE, CONTENT);
  await expect(unpacked(once(patch), CONTENT.length, base)).rejects.toMatchObject(packing);
  const payload = { base: "", sha256: SHA256, size: CONTENT.length, patch };
  expect(outcomeOf(() => applyPatches(base, [payload]))).toMatchObject(packing);
});

test("this Node unpacks both forms; a limit of 0 is neither [NF-10.5]", () => {
  const limits = { zstdMaxBytes: 10, patchMaxBytes: 20 };
  expect(unpackingHere(limits)).toEqual(limits);
  expect(unpackingHere({ zstdMaxBytes: 0, patchMaxBytes: 0 })).toEqual({ zstdMaxBytes: 0, patchMaxBytes: 0 });
});
