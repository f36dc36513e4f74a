import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Chunk, chunkCount, chunkExtent, formatChunk, parseChunk } from "../../protocol/chunk.ts";
import { CHUNK_DEFAULT_BYTES, CHUNK_MAX_BYTES, JSON_REPLY_MAX_BYTES } from "../../protocol/limits.ts";
import { anyEtag } from "../support/arbitrary-key.ts";

const ETAG = "d41d8cd98f00b204e9800998ecf8427e";
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
const CRC_HELLO = 929_501_545;
const CRC_EVERY_BYTE = 3_272_327_013;
const S3_MAX_BYTES = 50 * 2 ** 40;

const chunkSize = fc.integer({ min: 1, max: CHUNK_MAX_BYTES });
const anyChunk: fc.Arbitrary<Chunk> = fc
  .record(
    {
      bytes: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
      chunk: fc.integer({ min: 1, max: 9_999_999_999 }),
      totalChunks: fc.integer({ min: 1, max: 9_999_999_999 }),
      etag: anyEtag,
    },
    { requiredKeys: ["bytes", "chunk", "totalChunks"] },
  )
  .map(({ etag, ...chunk }) => (etag === undefined ? chunk : { ...chunk, etag }));

describe("[NF-3.4] the chunks of a file", () => {
  test("joined in order are the file", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 300 }), (bytes, size) => {
        const file = Buffer.from(bytes);
        const chunks = Array.from({ length: chunkCount(file.length, size) }, (_, index) => {
          const { offset, length } = chunkExtent(index + 1, size);
          return file.subarray(offset, offset + length);
        });
        expect(Buffer.concat(chunks).equals(file)).toBe(true);
        expect(chunks.slice(0, -1).every((chunk) => chunk.length === size)).toBe(true);
        expect(chunks.at(-1)?.length).toBeGreaterThan(file.length === 0 ? -1 : 0);
      }),
    );
  });

  test("hold every byte once, up to the largest object that S3 stores", () => {
    const fileSize = fc.oneof(
      fc.nat({ max: 20_000 }),
      fc.integer({ min: 2 ** 31 - 6000, max: 2 ** 32 + 6000 }),
      fc.integer({ min: 1, max: S3_MAX_BYTES }),
    );
    fc.assert(
      fc.property(fileSize, chunkSize, fc.double({ min: 0, max: 1, noNaN: true }), (size, chunk, at) => {
        const count = chunkCount(size, chunk);
        expect(chunkExtent(1, chunk).offset).toBe(0);
        const some = 1 + Math.floor(at * (count - 1));
        const here = chunkExtent(some, chunk);
        expect(chunkExtent(some + 1, chunk).offset).toBe(here.offset + here.length);
        const last = chunkExtent(count, chunk);
        expect(last.offset + last.length).toBeGreaterThanOrEqual(size);
        expect(size === 0 ? last.offset === 0 : last.offset < size).toBe(true);
      }),
    );
  });

  test.each([
    [0, 1],
    [1, 1],
    [249, 1],
    [250, 1],
    [251, 2],
    [500, 2],
    [501, 3],
    [2 ** 31 + 1, 8_589_935],
    [5_000_000_000, 20_000_000],
  ])("of %d bytes are, by default, %d", (size, count) => {
    expect(chunkCount(size, CHUNK_DEFAULT_BYTES)).toBe(count);
  });

  test("lie beyond 2^31 where they should", () => {
    expect(chunkExtent(8_589_935, 250)).toEqual({ offset: 2_147_483_500, length: 250 });
    expect(chunkExtent(9_999_999_999, 6000)).toEqual({ offset: 59_999_999_988_000, length: 6000 });
  });
});

describe("[NF-3.4] a chunk reply", () => {
  test("has the members and the checksum of the original sample, computed by Python's zlib", () => {
    expect(formatChunk({ bytes: Buffer.from("hello"), chunk: 2, totalChunks: 3, etag: ETAG })).toEqual({
      payload: "aGVsbG8=",
      crc32: CRC_HELLO,
      chunk_num: 2,
      total_chunks: 3,
      etag: ETAG,
    });
    expect(formatChunk({ bytes: EVERY_BYTE, chunk: 1, totalChunks: 1 }).crc32).toBe(CRC_EVERY_BYTE); // above 2^31: unsigned
  });

  test("[NF-3.6] of an empty file has an empty payload and the checksum 0", () => {
    const reply = formatChunk({
      bytes: Buffer.alloc(0),
      chunk: 1,
      totalChunks: chunkCount(0, 250),
      etag: ETAG,
    });
    expect(reply).toEqual({ payload: "", crc32: 0, chunk_num: 1, total_chunks: 1, etag: ETAG });
    expect(parseChunk(reply)?.bytes).toHaveLength(0);
  });

  test("reads back as the chunk it was made of", () => {
    fc.assert(
      fc.property(anyChunk, (chunk) => {
        expect(parseChunk(JSON.parse(JSON.stringify(formatChunk(chunk))))).toEqual(chunk);
      }),
    );
  });

  test("is refused after any change of one character of its payload", () => {
    const damaged = fc
      .tuple(
        anyChunk.filter(({ bytes }) => bytes.length > 0),
        fc.nat(),
        fc.constantFrom(..."AZaz09+/=-_ \n\u0000é"),
      )
      .map(([chunk, at, character]) => {
        const reply = formatChunk(chunk);
        const index = at % reply.payload.length;
        return { reply, payload: reply.payload.slice(0, index) + character + reply.payload.slice(index + 1) };
      })
      .filter(({ reply, payload }) => payload !== reply.payload);
    fc.assert(
      fc.property(damaged, ({ reply, payload }) => {
        expect(parseChunk({ ...reply, payload })).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test("is refused when it is cut short, or its checksum changed", () => {
    fc.assert(
      fc.property(
        anyChunk.filter(({ bytes }) => bytes.length > 0),
        fc.integer({ min: 1, max: 0xffffffff }),
        (chunk, change) => {
          const reply = formatChunk(chunk);
          expect(parseChunk({ ...reply, payload: reply.payload.slice(0, -1) })).toBeUndefined();
          expect(parseChunk({ ...reply, crc32: (reply.crc32 ^ change) >>> 0 })).toBeUndefined();
        },
      ),
    );
  });

  test.each(["aGVsbG8", "aGVsbG8=\n", "aGVs bG8=", "_-8=", "aGVsbG9=", "!", "="])(
    "is refused when its payload is not exactly base64, checksum or not: %j",
    (payload) => {
      expect(parseChunk({ payload, crc32: crc32(payload), chunk_num: 1, total_chunks: 1 })).toBeUndefined();
    },
  );

  test.each<[string, Record<string, unknown>]>([
    ["no payload", { payload: undefined }],
    ["a checksum as text", { crc32: String(CRC_EVERY_BYTE) }],
    ["a signed checksum", { crc32: CRC_EVERY_BYTE | 0 }],
    ["a checksum of 33 bits", { crc32: CRC_EVERY_BYTE + 2 ** 32 }],
    ["chunk 0", { chunk_num: 0 }],
    ["half a chunk", { chunk_num: 1.5 }],
    ["a chunk beyond exact integers", { chunk_num: 2 ** 60 }],
    ["no chunk in total", { total_chunks: 0 }],
    ["the original sample's fraction", { total_chunks: 4.004 }],
    ["an etag that is none", { etag: '"quoted"' }],
    ["an error's body", { payload: undefined, err: "there is no such file {file-not-found}" }],
  ])("is refused with %s", (_what, change) => {
    const reply = formatChunk({ bytes: EVERY_BYTE, chunk: 1, totalChunks: 4, etag: ETAG });
    expect(parseChunk(reply)).toBeDefined();
    expect(parseChunk({ ...reply, ...change })).toBeUndefined();
  });

  test("is read or refused, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (body) => {
        expect(parseChunk(body)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test("has at most 8192 bytes in the worst case", () => {
    const worst = formatChunk({
      bytes: Buffer.alloc(CHUNK_MAX_BYTES, 0xff),
      chunk: 9_999_999_999,
      totalChunks: 9_999_999_999,
      etag: "f".repeat(64),
    });
    const json = JSON.stringify({ ...worst, crc32: 0xffffffff });
    expect(worst.payload).toHaveLength(8000);
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(JSON_REPLY_MAX_BYTES);
    expect(JSON_REPLY_MAX_BYTES).toBe(8192);
  });
});
