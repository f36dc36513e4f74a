import { createHash, randomBytes } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canBeBase, compress, unpacksTo } from "../../../../functions/file-notifier/pack/zstd.ts";
import { sourceText } from "../support/packing-world.ts";

const NEVER = new AbortController().signal;
const MANY = Number.POSITIVE_INFINITY;

function nameOf(content: Uint8Array) {
  return { size: content.length, sha256: createHash("sha256").update(content).digest("base64url") };
}

/** The frame header's descriptor byte. RFC 8878 §3.1.1.1.1 */
function descriptorOf(frame: Uint8Array) {
  expect(Buffer.from(frame.subarray(0, 4)).toString("hex")).toBe("28b52ffd");
  const descriptor = frame[4] ?? 0;
  return { checksum: (descriptor & 4) !== 0, dictionaryId: descriptor & 3 };
}

describe("a frame", () => {
  test("of any content, from any base, at any level: unpacks to it alone, without checksum or dictionary id [NF-10.3]", async () => {
    const bytes = fc.uint8Array({ maxLength: 3_000, size: "max" });
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.option(bytes, { nil: undefined }),
        fc.integer({ min: 1, max: 19 }),
        async (content, base, level) => {
          fc.pre(base === undefined || canBeBase(base));
          const frame = await compress(content, { size: content.length, level, base, maxBytes: MANY }, NEVER);
          if (frame === undefined) throw new Error("no frame");
          expect(descriptorOf(frame)).toEqual({ checksum: false, dictionaryId: 0 });
          expect(await unpacksTo(nameOf(content), frame, base, NEVER)).toBe(true);
          expect(
            await unpacksTo(nameOf(Buffer.concat([content, Buffer.from("x")])), frame, base, NEVER),
          ).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("as a patch reaches the whole base, however far back what it needs is", async () => {
    const base = randomBytes(1_500_000);
    const content = Buffer.concat([
      base.subarray(0, 1_400_000),
      Buffer.from("new"),
      base.subarray(0, 90_000),
    ]);
    const patch = await compress(content, { size: content.length, level: 19, base, maxBytes: MANY }, NEVER);
    expect(patch?.length).toBeLessThan(400);
    expect(await unpacksTo(nameOf(content), patch ?? base, base, NEVER)).toBe(true);
    expect(await unpacksTo(nameOf(content), patch ?? base, undefined, NEVER)).toBe(false);
  });

  test("is given up as soon as it is longer than is of use", async () => {
    const content = randomBytes(500_000);
    let read = 0;
    async function* pieces() {
      for (let at = 0; at < content.length; at += 10_000) {
        read += 10_000;
        yield content.subarray(at, at + 10_000);
      }
    }
    const packing = { size: content.length, level: 1, maxBytes: 10 };
    expect(await compress(pieces(), packing, NEVER)).toBeUndefined();
    expect(read).toBeLessThan(content.length);
  });

  test("stops being made when it is called off", async () => {
    const stop = new AbortController();
    const content = Buffer.from(sourceText(2_000_000, 1));
    const made = compress(content, { size: content.length, level: 19, maxBytes: MANY }, stop.signal);
    stop.abort(new Error("time is up"));
    await expect(made).rejects.toThrow();
  });
});

describe("what a device does not take is no frame [NF-10.3]", () => {
  const content = Buffer.from(sourceText(9_000_000, 1));

  test.each([
    ["garbage", Buffer.from("no frame at all")],
    ["nothing", Buffer.alloc(0)],
    ["a frame that is cut off", zstdCompressSync(content.subarray(0, 1000)).subarray(0, -5)],
    [
      "a window above 8 MiB",
      zstdCompressSync(Buffer.concat([content, content]), { params: { [constants.ZSTD_c_windowLog]: 24 } }),
    ],
  ])("%s", async (_what, frame) => {
    const name =
      frame.length > 5000 ? nameOf(Buffer.concat([content, content])) : nameOf(content.subarray(0, 1000));
    expect(await unpacksTo(name, frame, undefined, NEVER)).toBe(false);
  });
});

test("a base that zstd would read as a trained dictionary is none, nor one that it would ignore", () => {
  expect(canBeBase(Buffer.from("37a430ec0000000000", "hex"))).toBe(false);
  expect(canBeBase(Buffer.from("1234567"))).toBe(false);
  expect(canBeBase(Buffer.from("12345678"))).toBe(true);
});
