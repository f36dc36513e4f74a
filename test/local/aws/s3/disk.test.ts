import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import path from "node:path";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { errorOf } from "../../../conformance/s3/support/error-of.ts";
import { connect, dataFolder } from "./support/local-s3.ts";
import { startServer } from "./support/server-process.ts";

test("a disk that becomes read-only refuses every change, loses nothing, and can be mended", async () => {
  const folder = await dataFolder();
  const dataDir = path.join(folder, "data");
  const server = await startServer(dataDir, path.join(folder, "delivered"), "read-only-disk.ts");
  const client = connect(server);
  const at = { Bucket: "files", Key: "kept" };
  await client.send(new PutObjectCommand({ ...at, Body: "kept" }));
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, Key: "parts" }));
  const upload = { ...at, Key: "parts", UploadId };
  const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "part" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const blobs = await readdir(path.join(dataDir, "blobs"));
  const change = async () => {
    server.process.kill("SIGUSR2");
    return await server.line();
  };

  expect(await change()).toBe("read-only");
  const refusals = await Promise.all(
    [
      client.send(new PutObjectCommand({ ...at, Body: "new" })),
      client.send(new PutObjectCommand({ ...at, Key: "empty", Body: Buffer.alloc(0) })),
      client.send(new DeleteObjectCommand(at)),
      client.send(new CopyObjectCommand({ ...at, Key: "copy", CopySource: "files/kept" })),
      client.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: "a", Value: "b" }] } })),
      client.send(new CreateMultipartUploadCommand(at)),
      client.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: "part" })),
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload })),
      client.send(new CreateBucketCommand({ Bucket: "another" })),
    ].map(errorOf),
  );
  expect(new Set(refusals.map(({ status, name }) => `${status} ${name}`))).toEqual(
    new Set(["503 ServiceUnavailable"]),
  );
  const Delete = { Objects: [{ Key: "kept" }] };
  const deletion = await client.send(new DeleteObjectsCommand({ Bucket: "files", Delete }));
  expect(deletion.Errors).toMatchObject([{ Key: "kept", Code: "ServiceUnavailable" }]);
  const body = async () => (await client.send(new GetObjectCommand(at))).Body?.transformToString();
  expect(await body()).toBe("kept");
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket: "files" }));
  expect(listed.Versions).toHaveLength(1);
  expect(listed.DeleteMarkers).toBeUndefined();
  expect(await readdir(path.join(dataDir, "blobs"))).toEqual(blobs);

  expect(await change()).toBe("writable");
  await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
  await client.send(new PutObjectCommand({ ...at, Body: "new" }));
  expect(await body()).toBe("new");
});

test("what was acknowledged is there after a power cut", async () => {
  const folder = await dataFolder();
  const dataDir = path.join(folder, "data");
  const before = await startServer(dataDir, path.join(folder, "delivered"), "power-cut.ts");
  const client = connect(before);
  const object = (Key: string) => ({ Bucket: "files", Key });
  const large = randomBytes(9_000_000); // synced on the way too
  await client.send(new PutObjectCommand({ ...object("small"), Body: "small" }));
  await client.send(new PutObjectCommand({ ...object("large"), Body: large }));
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(object("parts")));
  const part = { ...object("parts"), UploadId, PartNumber: 1 };
  const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: "part" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload }));
  await client.send(new CopyObjectCommand({ ...object("copy"), CopySource: "files/small" }));
  await client.send(new DeleteObjectCommand(object("small")));
  const died = once(before.process, "exit");
  before.process.kill("SIGUSR2");
  await died;

  const after = connect(await startServer(dataDir, path.join(folder, "delivered")));
  const bytes = async (Key: string) =>
    Buffer.from(
      (await (await after.send(new GetObjectCommand(object(Key)))).Body?.transformToByteArray()) ?? [],
    );
  expect((await bytes("large")).equals(large)).toBe(true);
  expect((await bytes("copy")).toString()).toBe("small");
  expect((await bytes("parts")).toString()).toBe("part");
  expect(await errorOf(bytes("small"))).toEqual({ status: 404, name: "NoSuchKey" });
});
