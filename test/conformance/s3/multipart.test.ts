import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectAttributesCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, test } from "vitest";
import { bytesOf, describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";
import { begin, MIB } from "./support/multipart.ts";

describeS3("multipart uploads", (s3) => {
  const create = (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) => begin(s3, Key, more);

  test("the SDK's Upload, of a stream in three parts", async () => {
    const bytes = randomBytes(12 * MIB);
    const upload = new Upload({
      client: s3.client,
      params: {
        Bucket: s3.bucket,
        Key: "stream",
        Body: Readable.from([bytes.subarray(0, MIB), bytes.subarray(MIB)]),
        ContentType: "video/x",
        Metadata: { m: "1" },
      },
      partSize: 5 * MIB,
      queueSize: 3,
    });
    await upload.done();
    const got = await s3.get("stream");
    expect((await bytesOf(got)).equals(bytes)).toBe(true);
    expect(got.ETag).toMatch(/-3"$/);
    expect(got).toMatchObject({ ContentType: "video/x", Metadata: { m: "1" } });
    const across = await s3.bytes("stream", { Range: `bytes=${5 * MIB - 3}-${5 * MIB + 2}` });
    expect(across.equals(bytes.subarray(5 * MIB - 3, 5 * MIB + 3))).toBe(true);
  });

  test("parts and uploads are listed, and gone after an abort", async () => {
    const { upload, part } = await create("aborted");
    await part(1, randomBytes(5 * MIB));
    expect((await s3.client.send(new ListPartsCommand(upload))).Parts).toHaveLength(1);
    const uploads = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: s3.bucket }));
    expect(uploads.Uploads?.map(({ UploadId }) => UploadId)).toContain(upload.UploadId);
    await s3.client.send(new AbortMultipartUploadCommand(upload));
    expect(await errorOf(s3.client.send(new ListPartsCommand(upload)))).toEqual({
      status: 404,
      name: "NoSuchUpload",
    });
    expect((await errorOf(s3.get("aborted"))).status).toBe(404);
  });

  test("parts put by presigned URLs", async () => {
    const { upload, complete } = await create("presigned");
    const plain = s3.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const bodies = [randomBytes(5 * MIB), randomBytes(1000)];
    const parts = [];
    for (const [index, body] of bodies.entries()) {
      const PartNumber = index + 1;
      const url = await getSignedUrl(plain, new UploadPartCommand({ ...upload, PartNumber }), {
        expiresIn: 60,
      });
      const reply = await s3.http(url, { method: "PUT", body, headers: { "content-length": body.length } });
      expect(reply.status).toBe(200);
      parts.push({ PartNumber, ETag: reply.headers.etag });
    }
    await complete(parts);
    expect((await s3.bytes("presigned")).equals(Buffer.concat(bodies))).toBe(true);
  });

  test("a part copied from a range of an object", async () => {
    const source = randomBytes(20 * MIB + 1);
    await s3.put("source", source);
    const { upload, complete } = await create("copied");
    const { CopyPartResult } = await s3.client.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber: 1,
        CopySource: `${s3.bucket}/source`,
        CopySourceRange: `bytes=1000-${source.length - 1001}`,
      }),
    );
    await complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
    expect((await s3.bytes("copied")).equals(source.subarray(1000, -1000))).toBe(true);
  });

  test("a completion is refused with a wrong etag, in a wrong order, or with a short part", async () => {
    const { part, complete } = await create("refused");
    const [first, second] = [await part(1, "x"), await part(2, "y")];
    const wrong = '"00000000000000000000000000000000"';
    const refusals = await Promise.all([
      errorOf(complete([{ PartNumber: 1, ETag: wrong }])),
      errorOf(
        complete([
          { PartNumber: 2, ETag: second.ETag },
          { PartNumber: 1, ETag: first.ETag },
        ]),
      ),
      errorOf(
        complete([
          { PartNumber: 1, ETag: first.ETag },
          { PartNumber: 2, ETag: second.ETag },
        ]),
      ),
    ]);
    expect(refusals).toEqual([
      { status: 400, name: "InvalidPart" },
      { status: 400, name: "InvalidPartOrder" },
      { status: 400, name: "EntityTooSmall" },
    ]);
    await complete([{ PartNumber: 1, ETag: first.ETag }]);
    expect((await s3.bytes("refused")).toString()).toBe("x");
  });

  test("a completion with If-None-Match: * does not replace", async () => {
    await s3.put("taken", "old");
    const { part, complete } = await create("taken");
    const { ETag } = await part(1, "new");
    const refusal = await errorOf(complete([{ PartNumber: 1, ETag }], { IfNoneMatch: "*" }));
    expect(refusal.status).toBe(412);
    expect((await s3.bytes("taken")).toString()).toBe("old");
  });

  test("a completion whose reply was lost can be asked for again", async () => {
    const { upload, part, complete } = await create("twice");
    const parts = [{ PartNumber: 1, ETag: (await part(1, "once")).ETag }];
    const first = await complete(parts, { IfNoneMatch: "*" });
    const second = await complete(parts, { IfNoneMatch: "*" });
    expect(second).toMatchObject({ ETag: first.ETag, Key: "twice" });
    const wrong = [{ PartNumber: 2, ETag: parts[0]?.ETag }, ...parts].toSorted(
      (a, b) => a.PartNumber - b.PartNumber,
    );
    expect((await errorOf(complete(wrong))).name).toBe("NoSuchUpload");
    await s3.put("twice", "other");
    expect((await errorOf(complete(parts))).name).toBe("NoSuchUpload");
    expect((await errorOf(s3.client.send(new AbortMultipartUploadCommand(upload)))).name).toBe(
      "NoSuchUpload",
    );
  });

  test("parts are told by GetObjectAttributes, and read one by one", async () => {
    const { parts, complete } = await create("counted");
    await complete(await parts(Buffer.alloc(5 * MIB), Buffer.from("last")));
    const attributes = await s3.client.send(
      new GetObjectAttributesCommand({
        Bucket: s3.bucket,
        Key: "counted",
        ObjectAttributes: ["ObjectParts"],
      }),
    );
    expect(attributes.ObjectParts?.TotalPartsCount).toBe(2);
    const second = await s3.get("counted", { PartNumber: 2 });
    expect((await bytesOf(second)).toString()).toBe("last");
    expect(second.PartsCount).toBe(2);
    expect(await errorOf(s3.get("counted", { PartNumber: 3 }))).toMatchObject({ status: 416 });
    expect(await errorOf(s3.get("counted", { PartNumber: 1, Range: "bytes=0-1" }))).toEqual({
      status: 400,
      name: "InvalidRequest",
    });
  });

  test("a checksum over the whole object follows from those of the parts", async () => {
    const bodies = [randomBytes(5 * MIB), randomBytes(777)];
    await s3.put("whole", Buffer.concat(bodies));
    const { parts, complete } = await create("parts", {
      ChecksumAlgorithm: "CRC32",
      ChecksumType: "FULL_OBJECT",
    });
    const completed = await complete(await parts(...bodies));
    const whole = await s3.get("whole", { ChecksumMode: "ENABLED" });
    await bytesOf(whole);
    expect(completed.ChecksumCRC32).toBe(whole.ChecksumCRC32);
  });
});
