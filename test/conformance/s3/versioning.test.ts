import {
  CopyObjectCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

describeS3("versioning", (s3) => {
  const setVersioning = (Status: "Enabled" | "Suspended") =>
    s3.client.send(
      new PutBucketVersioningCommand({ Bucket: s3.bucket, VersioningConfiguration: { Status } }),
    );
  const remove = (Key: string, VersionId?: string) =>
    s3.client.send(new DeleteObjectCommand({ Bucket: s3.bucket, Key, VersionId }));
  const versions = (Prefix: string) =>
    s3.client.send(new ListObjectVersionsCommand({ Bucket: s3.bucket, Prefix }));
  beforeAll(async () => {
    await s3.put("before", "0");
    await setVersioning("Enabled");
  });

  test("every put is a version of its own", async () => {
    const [first, second] = [await s3.put("key", "1"), await s3.put("key", "2")];
    expect(first.VersionId).toBeTruthy();
    expect(second.VersionId).not.toBe(first.VersionId);
    expect((await s3.bytes("key", { VersionId: first.VersionId })).toString()).toBe("1");
    expect((await s3.bytes("key")).toString()).toBe("2");
  });

  test("a deletion hides what can still be read, and can be undone", async () => {
    const { VersionId } = await s3.put("hidden", "1");
    const marker = await remove("hidden");
    expect(marker.DeleteMarker).toBe(true);
    expect(await errorOf(s3.get("hidden"))).toEqual({ status: 404, name: "NoSuchKey" });
    expect((await s3.bytes("hidden", { VersionId })).toString()).toBe("1");
    const listed = await versions("hidden");
    expect(listed.Versions).toMatchObject([{ VersionId, IsLatest: false }]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);
    const asObject = await errorOf(s3.get("hidden", { VersionId: marker.VersionId }));
    expect(asObject.status).toBe(405);
    await remove("hidden", marker.VersionId);
    expect((await s3.bytes("hidden")).toString()).toBe("1");
  });

  test("a version that is named is read by ranges and on conditions, as if it were current", async () => {
    const [old, current] = [await s3.put("named", "old one"), await s3.put("named", "new one!")];
    const VersionId = old.VersionId;
    expect((await s3.bytes("named", { VersionId, Range: "bytes=1-3", IfMatch: old.ETag })).toString()).toBe(
      "ld ",
    );
    const changed = await errorOf(s3.get("named", { VersionId, IfMatch: current.ETag }));
    expect(changed).toEqual({ status: 412, name: "PreconditionFailed" });
    const past = await errorOf(s3.get("named", { VersionId, Range: "bytes=7-" }));
    expect(past).toEqual({ status: 416, name: "InvalidRange" });
    const head = new HeadObjectCommand({ Bucket: s3.bucket, Key: "named", VersionId });
    expect(await s3.client.send(head)).toMatchObject({ VersionId, ETag: old.ETag, ContentLength: 7 });
  });

  test("an id that the key does not have, or that is a deletion's, names nothing", async () => {
    const { VersionId } = await s3.put("other", "1");
    await s3.put("named", "1");
    const { VersionId: marker } = await remove("named");
    const head = (id: string | undefined) =>
      errorOf(s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key: "named", VersionId: id })));
    expect(await errorOf(s3.get("named", { VersionId }))).toEqual({ status: 404, name: "NoSuchVersion" });
    expect((await head(VersionId)).status).toBe(404);
    expect(await errorOf(s3.get("named", { VersionId: marker }))).toEqual({
      ...{ status: 405, name: "MethodNotAllowed" },
    });
    expect((await head(marker)).status).toBe(405);
    expect(await errorOf(s3.get("named", { VersionId: "no id\u00e9" }))).toEqual({
      ...{ status: 400, name: "InvalidArgument" },
    });
  });

  test("the newest that is left is current after a version was deleted", async () => {
    const [first, second] = [await s3.put("left", "1"), await s3.put("left", "2")];
    await remove("left", second.VersionId);
    expect((await s3.bytes("left")).toString()).toBe("1");
    await remove("left", first.VersionId);
    expect((await errorOf(s3.get("left"))).status).toBe(404);
  });

  test("what was stored before versioning has the version id null", async () => {
    await s3.put("before", "1");
    expect((await s3.bytes("before", { VersionId: "null" })).toString()).toBe("0");
  });

  test("all versions are listed over pages, the newest of each key first", async () => {
    for (const key of ["page/a", "page/b"]) for (const body of ["1", "2", "3"]) await s3.put(key, body);
    const found: string[] = [];
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    do {
      const page = await s3.client.send(
        new ListObjectVersionsCommand({ Bucket: s3.bucket, Prefix: "page/", MaxKeys: 2, ...markers }),
      );
      for (const { Key, VersionId } of page.Versions ?? []) {
        found.push(`${Key} ${await s3.bytes(Key ?? "", { VersionId })}`);
      }
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    } while (markers.KeyMarker !== undefined);
    expect(found).toEqual(["page/a 3", "page/a 2", "page/a 1", "page/b 3", "page/b 2", "page/b 1"]);
  });

  test("a listing goes on after a version that was deleted meanwhile, as when a bucket is emptied", async () => {
    for (const key of ["empty/a", "empty/b"]) for (const body of ["1", "2", "3"]) await s3.put(key, body);
    await remove("empty/a");
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    let rounds = 0;
    do {
      const page = await s3.client.send(
        new ListObjectVersionsCommand({ Bucket: s3.bucket, Prefix: "empty/", MaxKeys: 2, ...markers }),
      );
      for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        await remove(Key ?? "", VersionId);
      }
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      rounds++;
    } while (markers.KeyMarker !== undefined);
    expect(rounds).toBe(4);
    expect((await versions("empty/")).Versions ?? []).toEqual([]);
  });

  test("a listing shows a key once, even if an older version became current meanwhile", async () => {
    for (const key of ["once/a", "once/a", "once/b"]) await s3.put(key, "x");
    const list = (ContinuationToken?: string) =>
      s3.client.send(
        new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: "once/", MaxKeys: 1, ContinuationToken }),
      );
    const first = await list();
    const { VersionId } = await s3.get("once/a");
    await remove("once/a", VersionId);
    const second = await list(first.NextContinuationToken);
    expect([first, second].map(({ Contents }) => Contents?.[0]?.Key)).toEqual(["once/a", "once/b"]);
  });

  test("a copy of a delete marker that is named is refused", async () => {
    await s3.put("marked", "1");
    const { VersionId } = await remove("marked");
    const CopySource = `${s3.bucket}/marked?versionId=${VersionId}`;
    const copy = s3.client.send(new CopyObjectCommand({ Bucket: s3.bucket, Key: "copy", CopySource }));
    expect(await errorOf(copy)).toEqual({ status: 400, name: "InvalidRequest" });
  });

  test("suspended, a put replaces the version null and keeps the others", async () => {
    const { VersionId } = await s3.put("suspended", "1");
    await setVersioning("Suspended");
    await s3.put("suspended", "2");
    await s3.put("suspended", "3");
    const listed = await versions("suspended");
    expect(listed.Versions?.map((version) => version.VersionId)).toEqual(["null", VersionId]);
    expect((await s3.bytes("suspended")).toString()).toBe("3");
    const marker = await remove("suspended");
    expect(marker).toMatchObject({ DeleteMarker: true, VersionId: "null" });
    expect((await s3.bytes("suspended", { VersionId })).toString()).toBe("1");
    await setVersioning("Enabled");
  });
});
