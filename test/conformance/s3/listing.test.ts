import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
} from "@aws-sdk/client-s3";
import { beforeAll, expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";
import { begin } from "./support/multipart.ts";

const KEYS = Array.from({ length: 1205 }, (_, i) => `list/${String(i).padStart(5, "0")}`);

describeS3("listing", (s3) => {
  const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
    s3.client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: "list/", ...more }));
  const pages = async (more: Partial<ListObjectsV2CommandInput> = {}) => {
    const found: string[][] = [];
    let token: string | undefined;
    do {
      const page = await list({ ...more, ContinuationToken: token });
      found.push((page.Contents ?? []).map(({ Key }) => Key ?? ""));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  };
  beforeAll(async () => {
    for (let i = 0; i < KEYS.length; i += 50) {
      await Promise.all(KEYS.slice(i, i + 50).map((key) => s3.put(key, "x")));
    }
    await s3.put("other", "x");
  });

  test("all keys, in order, a thousand at a time", async () => {
    const found = await pages();
    expect(found.map((page) => page.length)).toEqual([1000, 205]);
    expect(found.flat()).toEqual(KEYS);
  });

  test("smaller pages", async () => {
    const found = await pages({ MaxKeys: 100 });
    expect(found).toHaveLength(13);
    expect(found.flat()).toEqual(KEYS);
  });

  test("after a key", async () => {
    expect((await list({ StartAfter: "list/01200" })).Contents?.map(({ Key }) => Key)).toEqual(
      KEYS.slice(1201),
    );
  });

  test("no keys at all", async () => {
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  test("folders", async () => {
    const page = await s3.client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Delimiter: "/" }));
    expect(page.CommonPrefixes).toEqual([{ Prefix: "list/" }]);
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(["other"]);
    const first = await s3.client.send(
      new ListObjectsV2Command({ Bucket: s3.bucket, Delimiter: "/", MaxKeys: 1 }),
    );
    expect(first).toMatchObject({ CommonPrefixes: [{ Prefix: "list/" }], IsTruncated: true });
  });

  test("the first version of the operation, by marker", async () => {
    const found: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await s3.client.send(
        new ListObjectsCommand({ Bucket: s3.bucket, Delimiter: "/", MaxKeys: 1, Marker }),
      );
      found.push(
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
        ...(page.Contents ?? []).map(({ Key }) => Key),
      );
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(found).toEqual(["list/", "other"]);
  });

  test("the first version without a delimiter goes on after its last key, and tells no marker", async () => {
    const page = await s3.client.send(new ListObjectsCommand({ Bucket: s3.bucket, MaxKeys: 1 }));
    expect(page.IsTruncated).toBe(true);
    expect(page.NextMarker).toBeUndefined();
    expect(page.Contents?.[0]?.Owner?.ID).toBeTruthy();
  });

  test("owners where they are asked for", async () => {
    expect((await list({ MaxKeys: 1 })).Contents?.[0]?.Owner).toBeUndefined();
    expect((await list({ MaxKeys: 1, FetchOwner: true })).Contents?.[0]?.Owner?.ID).toBeTruthy();
  });

  test.each([-1, 2 ** 31])("a page of %d keys is refused", async (MaxKeys) => {
    expect(await errorOf(list({ MaxKeys }))).toEqual({ status: 400, name: "InvalidArgument" });
  });

  test("keys encoded for XML, as forms are: a space is a plus", async () => {
    await s3.put("encoded/a b+c/é", "x");
    const page = await list({ Prefix: "encoded/", EncodingType: "url" });
    expect(page.Contents?.[0]?.Key).toBe("encoded/a+b%2Bc/%C3%A9");
    const folders = await list({ Prefix: "encoded/", Delimiter: "/", EncodingType: "url" });
    expect(folders.CommonPrefixes).toEqual([{ Prefix: "encoded/a+b%2Bc/" }]);
  });

  test("uploads, of one key in the order they were begun, after one that is gone too", async () => {
    const ids: string[] = [];
    for (const key of ["up/b", "up/a", "up/a", "up/a"])
      ids.push((await begin(s3, key)).upload.UploadId ?? "");
    const [b, ...as] = ids;
    const found: (string | undefined)[] = [];
    let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    do {
      const page = await s3.client.send(
        new ListMultipartUploadsCommand({ Bucket: s3.bucket, Prefix: "up/", MaxUploads: 1, ...markers }),
      );
      const [upload] = page.Uploads ?? [];
      found.push(upload?.UploadId);
      const { Key = "", UploadId } = upload ?? {};
      await s3.client.send(new AbortMultipartUploadCommand({ Bucket: s3.bucket, Key, UploadId }));
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    } while (markers.KeyMarker !== undefined);
    expect(found).toEqual([...as, b]);
  });

  test("a thousand are deleted at once", async () => {
    const Objects = KEYS.slice(0, 1000).map((Key) => ({ Key }));
    const reply = await s3.client.send(new DeleteObjectsCommand({ Bucket: s3.bucket, Delete: { Objects } }));
    expect(reply.Deleted).toHaveLength(1000);
    expect((await pages()).flat()).toEqual(KEYS.slice(1000));
    const quiet = { Objects: [{ Key: KEYS[1000] }], Quiet: true };
    const silent = await s3.client.send(new DeleteObjectsCommand({ Bucket: s3.bucket, Delete: quiet }));
    expect(silent.Deleted ?? []).toEqual([]);
    expect((await pages()).flat()).toEqual(KEYS.slice(1001));
  });
});
