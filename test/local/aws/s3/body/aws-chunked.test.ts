import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeAwsChunked } from "../../../../../local/aws/s3/body/aws-chunked.ts";
import { S3Error } from "../../../../../local/aws/s3/s3-error.ts";
import { cut } from "../support/cut.ts";

async function decode(source: AsyncIterable<Buffer>) {
  const pieces: Buffer[] = [];
  const decoder = decodeAwsChunked(source);
  for (let next = await decoder.next(); ; next = await decoder.next()) {
    if (next.done === true) return { bytes: Buffer.concat(pieces), trailers: Object.fromEntries(next.value) };
    pieces.push(next.value);
  }
}

const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 20 });

test("chunks and trailers come out whole, wherever the network cuts them", async () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(chunks, cuts, fc.boolean(), async (parts, lengths, emptyLine) => {
      const framed = Buffer.concat([
        ...parts.flatMap((part) => [
          Buffer.from(`${part.length.toString(16)}\r\n`),
          Buffer.from(part),
          Buffer.from("\r\n"),
        ]),
        Buffer.from(`0\r\nx-amz-checksum-crc32: AAAA\r\n${emptyLine ? "\r\n" : ""}`),
      ]);
      expect(await decode(cut(framed, lengths))).toEqual({
        bytes: Buffer.concat(parts),
        trailers: { "x-amz-checksum-crc32": "AAAA" },
      });
    }),
  );
});

test.each([
  ["", "IncompleteBody"],
  ["5\r\nabc", "IncompleteBody"],
  ["3\r\nabc", "IncompleteBody"],
  ["3\r\nabcXX0\r\n\r\n", "InvalidRequest"],
  ["-1\r\n", "InvalidRequest"],
  ["zz\r\n", "InvalidRequest"],
  ["ffffffffffffffff\r\n", "InvalidRequest"],
  [`${"0".repeat(9000)}`, "InvalidRequest"],
  ["0\r\nno colon\r\n\r\n", "MalformedTrailerError"],
])("%j: %s", async (framed, code) => {
  await expect(decode(cut(Buffer.from(framed), []))).rejects.toMatchObject({ code });
});

test("random bytes are decoded or refused, never anything else", async () => {
  const piece = fc.constantFrom("0", "1", "a", "f", "\r\n", "\r", "\n", ";", "chunk-signature=", ":", "x");
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: piece, maxLength: 40 }), cuts, async (framed, lengths) => {
      const outcome = await decode(cut(Buffer.from(framed), lengths)).catch((error: unknown) => error);
      expect(outcome instanceof Error ? outcome instanceof S3Error : true).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
