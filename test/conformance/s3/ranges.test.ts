import { randomBytes } from "node:crypto";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, expect, test } from "vitest";
import { bytesOf, describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

describeS3("ranges", (s3) => {
  const object = randomBytes(10_000);
  beforeAll(async () => {
    await s3.put("object", object);
  });

  test.each([
    [0, 9],
    [1000, 1999],
    [9999, 9999],
  ])("bytes=%i-%i", async (first, last) => {
    const got = await s3.get("object", { Range: `bytes=${first}-${last}` });
    expect(got.$metadata.httpStatusCode).toBe(206);
    expect(got.ContentRange).toBe(`bytes ${first}-${last}/10000`);
    expect(got.ContentLength).toBe(last - first + 1);
    expect((await bytesOf(got)).equals(object.subarray(first, last + 1))).toBe(true);
  });

  test.each([
    ["bytes=-10", 9990, 9999],
    ["bytes=9000-", 9000, 9999],
    ["bytes=9000-99999", 9000, 9999],
  ])("%s", async (range, first, last) => {
    const got = await s3.get("object", { Range: range });
    expect(got.ContentRange).toBe(`bytes ${first}-${last}/10000`);
    expect((await bytesOf(got)).equals(object.subarray(first, last + 1))).toBe(true);
  });

  test("a range past the end is 416", async () => {
    const refusal = await errorOf(s3.get("object", { Range: "bytes=10000-10010" }));
    expect(refusal).toEqual({ status: 416, name: "InvalidRange" });
  });

  test("a range with If-Match: the right etag, and a wrong one", async () => {
    const { ETag } = await s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key: "object" }));
    const got = await s3.get("object", { Range: "bytes=0-1", IfMatch: ETag });
    expect(got.$metadata.httpStatusCode).toBe(206);
    await bytesOf(got);
    const refusal = await errorOf(s3.get("object", { Range: "bytes=0-1", IfMatch: '"deadbeef"' }));
    expect(refusal.status).toBe(412);
  });

  test("a suffix of an empty object is the whole of it", async () => {
    await s3.put("empty", Buffer.alloc(0));
    const got = await s3.get("empty", { Range: "bytes=-5" });
    expect(got.$metadata.httpStatusCode).toBe(200);
    expect(await bytesOf(got)).toHaveLength(0);
    expect((await errorOf(s3.get("empty", { Range: "bytes=0-0" }))).status).toBe(416);
  });
});
