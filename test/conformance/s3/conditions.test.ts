import {
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  DeleteObjectsCommand,
  HeadObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect, test } from "vitest";
import { bytesOf, describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

const HOUR_MS = 3_600_000;

describeS3("conditions", (s3) => {
  const head = (Key: string) => s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key }));
  beforeAll(async () => {
    await s3.put("object", Buffer.alloc(10_000));
  });

  test("HEAD tells size, etag, time and that ranges work", async () => {
    const got = await head("object");
    expect(got).toMatchObject({ ContentLength: 10_000, AcceptRanges: "bytes" });
    expect(got.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(got.LastModified).toBeInstanceOf(Date);
  });

  test("what is missing: HEAD, GET, and a bucket", async () => {
    expect(await errorOf(head("missing"))).toMatchObject({ status: 404, name: "NotFound" });
    expect(await errorOf(s3.get("missing"))).toEqual({ status: 404, name: "NoSuchKey" });
    const elsewhere = s3.get("missing", { Bucket: "no-such-bucket-anywhere-at-all" });
    expect(await errorOf(elsewhere)).toEqual({ status: 404, name: "NoSuchBucket" });
  });

  test("a read with If-Match and If-None-Match", async () => {
    const { ETag } = await head("object");
    expect((await errorOf(s3.get("object", { IfMatch: '"x"' }))).status).toBe(412);
    expect((await errorOf(s3.get("object", { IfNoneMatch: ETag }))).status).toBe(304);
    await bytesOf(await s3.get("object", { IfMatch: ETag }));
  });

  test("a read with If-Modified-Since and If-Unmodified-Since", async () => {
    const { LastModified } = await head("object");
    expect((await errorOf(s3.get("object", { IfModifiedSince: LastModified }))).status).toBe(304);
    const before = new Date(Date.now() - 24 * HOUR_MS);
    expect((await errorOf(s3.get("object", { IfUnmodifiedSince: before }))).status).toBe(412);
    await bytesOf(await s3.get("object", { IfModifiedSince: before }));
  });

  test("a write with If-None-Match: * does not replace", async () => {
    await s3.put("once", "1", { IfNoneMatch: "*" });
    expect((await errorOf(s3.put("once", "2", { IfNoneMatch: "*" }))).status).toBe(412);
    expect((await s3.bytes("once")).toString()).toBe("1");
  });

  test("a write with If-Match replaces only what it names", async () => {
    const { ETag } = await s3.put("compared", "1");
    const wrong = '"00000000000000000000000000000000"';
    expect((await errorOf(s3.put("compared", "2", { IfMatch: wrong }))).status).toBe(412);
    await s3.put("compared", "3", { IfMatch: ETag });
    expect((await s3.bytes("compared")).toString()).toBe("3");
  });

  test("of many writers with If-None-Match: * one wins", async () => {
    const writers = Array.from({ length: 20 }, (_, i) => s3.put("race", `v${i}`, { IfNoneMatch: "*" }));
    const outcomes = await Promise.allSettled(writers);
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await s3.bytes("race")).toString()).toBe(`v${winner}`);
  });

  test("a deletion with If-Match deletes only what it names", async () => {
    const remove = (Key: string, more: Partial<DeleteObjectCommandInput>) =>
      s3.client.send(new DeleteObjectCommand({ Bucket: s3.bucket, Key, ...more }));
    const { ETag } = await s3.put("deleted", "1");
    const wrong = '"00000000000000000000000000000000"';
    expect((await errorOf(remove("deleted", { IfMatch: wrong }))).status).toBe(412);
    expect((await s3.bytes("deleted")).toString()).toBe("1");
    await remove("deleted", { IfMatch: ETag });
    expect(await errorOf(remove("deleted", { IfMatch: "*" }))).toEqual({ status: 404, name: "NoSuchKey" });
    await s3.put("deleted", "2");
    const named = remove("deleted", { IfMatch: "*", VersionId: "null" });
    expect(await errorOf(named)).toEqual({ status: 501, name: "NotImplemented" });
    await remove("deleted", { IfMatch: "*" });
  });

  test("of many that are deleted at once, those whose etag matches are", async () => {
    const { ETag } = await s3.put("many/a", "1");
    await s3.put("many/b", "2");
    const Objects = [
      { Key: "many/a", ETag },
      { Key: "many/b", ETag },
      { Key: "many/c", ETag },
    ];
    const reply = await s3.client.send(new DeleteObjectsCommand({ Bucket: s3.bucket, Delete: { Objects } }));
    expect(reply.Deleted?.map(({ Key }) => Key)).toEqual(["many/a"]);
    expect(reply.Errors?.map(({ Key, Code }) => `${Key} ${Code}`)).toEqual([
      "many/b PreconditionFailed",
      "many/c NoSuchKey",
    ]);
  });
});
