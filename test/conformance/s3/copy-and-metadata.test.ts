import { createHash, randomBytes } from "node:crypto";
import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  DeleteObjectTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { bytesOf, describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";
import { begin, MIB } from "./support/multipart.ts";

describeS3("copies and metadata", (s3) => {
  const copy = (Key: string, source: string, more: Partial<CopyObjectCommandInput> = {}) => {
    const CopySource = `${s3.bucket}/${encodeURIComponent(source)}`;
    return s3.client.send(new CopyObjectCommand({ Bucket: s3.bucket, Key, CopySource, ...more }));
  };

  test("a copy keeps metadata, or gets its own", async () => {
    await s3.put("source", "copyme", { Metadata: { x: "1" }, ContentType: "text/csv" });
    await copy("kept", "source");
    const kept = await s3.get("kept");
    expect((await bytesOf(kept)).toString()).toBe("copyme");
    expect(kept).toMatchObject({ ContentType: "text/csv", Metadata: { x: "1" } });
    await copy("kept", "source", {
      MetadataDirective: "REPLACE",
      Metadata: { y: "2" },
      ContentType: "text/html",
    });
    const replaced = await s3.get("kept");
    expect((await bytesOf(replaced)).toString()).toBe("copyme");
    expect(replaced).toMatchObject({ ContentType: "text/html", Metadata: { y: "2" } });
  });

  test("a copy outlives its source", async () => {
    await s3.put("first", "bytes");
    await copy("second", "first");
    await s3.put("first", "other bytes");
    expect((await s3.bytes("second")).toString()).toBe("bytes");
  });

  test("a copy of a multipart object is one piece: its etag is the MD5 of its bytes", async () => {
    const bodies = [randomBytes(5 * MIB), Buffer.from("end")];
    const { parts, complete } = await begin(s3, "in parts", { ChecksumAlgorithm: "SHA256" });
    const completed = await complete(await parts(...bodies));
    expect(completed).toMatchObject({ ETag: expect.stringMatching(/-2"$/), ChecksumType: "COMPOSITE" });
    const { CopyObjectResult } = await copy("one piece", "in parts");
    const whole = Buffer.concat(bodies);
    const sha256 = createHash("sha256").update(whole).digest("base64");
    expect(CopyObjectResult).toMatchObject({
      ETag: `"${createHash("md5").update(whole).digest("hex")}"`,
      ChecksumSHA256: sha256,
    });
    expect((await s3.bytes("one piece")).equals(whole)).toBe(true);
    const head = await s3.client.send(
      new HeadObjectCommand({ Bucket: s3.bucket, Key: "one piece", ChecksumMode: "ENABLED" }),
    );
    expect(head).toMatchObject({ ETag: CopyObjectResult?.ETag, ChecksumSHA256: sha256 });
    expect((await errorOf(s3.get("one piece", { PartNumber: 2 }))).status).toBe(416);
  });

  test("a copy gets the checksum that is asked for, and keeps its etag", async () => {
    const { ETag } = await s3.put("plain", "copyme");
    const { CopyObjectResult } = await copy("summed", "plain", { ChecksumAlgorithm: "SHA1" });
    const sha1 = createHash("sha1").update("copyme").digest("base64");
    expect(CopyObjectResult).toMatchObject({ ETag, ChecksumSHA1: sha1 });
  });

  test("a copy onto itself must change something", async () => {
    await s3.put("itself", "x");
    expect(await errorOf(copy("itself", "itself"))).toEqual({ status: 400, name: "InvalidRequest" });
    await copy("itself", "itself", { MetadataDirective: "REPLACE", Metadata: { a: "1" } });
    await copy("itself", "itself", { StorageClass: "STANDARD" });
  });

  test("an awkward source, and a condition on it", async () => {
    const source = "a b+c%é.txt";
    await s3.put(source, "zzz");
    await copy("awkward", source);
    expect((await s3.bytes("awkward")).toString()).toBe("zzz");
    expect((await errorOf(copy("never", source, { CopySourceIfMatch: '"x"' }))).status).toBe(412);
  });

  test("metadata and the headers that are stored", async () => {
    const stored = {
      Metadata: { "user-name": "Ann", n: "42" },
      CacheControl: "max-age=60",
      ContentDisposition: "inline",
      ContentEncoding: "gzip",
      ContentLanguage: "en",
    };
    await s3.put("described", "x", stored);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key: "described" }));
    expect(head).toMatchObject(stored);
  });

  test("tags", async () => {
    const object = { Bucket: s3.bucket, Key: "tagged" };
    const tags = async () => (await s3.client.send(new GetObjectTaggingCommand(object))).TagSet;
    await s3.put("tagged", "x", { Tagging: "a=1&b=2" });
    expect(await tags()).toHaveLength(2);
    await s3.client.send(
      new PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [{ Key: "k", Value: "v" }] } }),
    );
    expect(await tags()).toEqual([{ Key: "k", Value: "v" }]);
    await s3.client.send(new DeleteObjectTaggingCommand(object));
    expect((await tags()) ?? []).toEqual([]);
  });

  test("attributes", async () => {
    await s3.put("measured", Buffer.alloc(10_000));
    const attributes = await s3.client.send(
      new GetObjectAttributesCommand({
        Bucket: s3.bucket,
        Key: "measured",
        ObjectAttributes: ["ETag", "ObjectSize", "Checksum"],
      }),
    );
    expect(attributes.ObjectSize).toBe(10_000);
    expect(attributes.ETag).toMatch(/^[0-9a-f]{32}$/);
  });
});
