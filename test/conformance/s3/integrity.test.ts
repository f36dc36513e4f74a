import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { CHECKSUM_ALGORITHMS } from "../../../local/aws/s3/body/checksum.ts";
import { bytesOf, describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

function crc32Base64(bytes: Buffer): string {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(bytes));
  return digest.toString("base64");
}

describeS3("integrity", (s3) => {
  test("a buffer comes back whole, with its type and the MD5 as its etag", async () => {
    const bytes = randomBytes(70_000);
    const put = await s3.put("buffer", bytes, { ContentType: "application/x-foo" });
    expect(put.ChecksumCRC32).toBe(crc32Base64(bytes));
    const got = await s3.get("buffer");
    expect((await bytesOf(got)).equals(bytes)).toBe(true);
    expect(got.ContentType).toBe("application/x-foo");
    expect(got.ETag).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
  });

  test("a stream, sent aws-chunked with a trailing checksum, is stored without its framing", async () => {
    const bytes = randomBytes(300_000);
    const stream = Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]);
    await s3.put("stream", stream, { ContentLength: bytes.length });
    const got = await s3.get("stream");
    expect(got.ContentLength).toBe(bytes.length);
    expect((await bytesOf(got)).equals(bytes)).toBe(true);
    expect(got.ContentEncoding ?? "").toBe("");
  });

  test("a wrong checksum is refused", async () => {
    const wrong = Buffer.alloc(4, 1).toString("base64");
    expect(await errorOf(s3.put("wrong", "abc", { ChecksumCRC32: wrong }))).toMatchObject({ status: 400 });
    expect(await errorOf(s3.get("wrong"))).toMatchObject({ name: "NoSuchKey" });
  });

  test("a wrong Content-MD5 is refused", async () => {
    const wrong = Buffer.alloc(16).toString("base64");
    expect(await errorOf(s3.put("wrong", "abc", { ContentMD5: wrong }))).toMatchObject({ status: 400 });
  });

  test("a read that asks for it gets the checksum", async () => {
    await s3.put("checked", "abc");
    const got = await s3.get("checked", { ChecksumMode: "ENABLED" });
    expect(got.ChecksumCRC32).toBe(crc32Base64(await bytesOf(got)));
  });

  test.each(CHECKSUM_ALGORITHMS.filter((algorithm) => algorithm !== "CRC64NVME"))(
    "%s is computed, verified and returned",
    async (algorithm) => {
      const bytes = randomBytes(10_000);
      const put = await s3.put(algorithm, bytes, { ChecksumAlgorithm: algorithm });
      const value = put[`Checksum${algorithm}`];
      expect(value).toMatch(/^[0-9A-Za-z+/]+=*$/);
      const got = await s3.get(algorithm, { ChecksumMode: "ENABLED" });
      expect(got[`Checksum${algorithm}`]).toBe(value);
      await bytesOf(got);
    },
  );

  test("an empty object", async () => {
    await s3.put("empty", Buffer.alloc(0));
    const got = await s3.get("empty");
    expect(got.ContentLength).toBe(0);
    expect(await bytesOf(got)).toHaveLength(0);
  });
});
