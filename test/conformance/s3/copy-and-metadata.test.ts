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
