import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, test } from "vitest";
import { errorOf } from "../../../conformance/s3/support/error-of.ts";
import { connect, dataFolder, FILES, openS3, ROOT } from "./support/local-s3.ts";

const PLAIN = { ...FILES, versioning: false };
const at = { Bucket: "files", Key: "object" };
const blobs = (dataDir: string) => readdir(path.join(dataDir, "blobs"));
const incoming = (dataDir: string) => readdir(path.join(dataDir, "incoming"));

test("objects, metadata and versions are there after a restart", async () => {
  const dataDir = await dataFolder();
  const first = await openS3(dataDir);
  first.provisionBucket(FILES);
  const before = connect(first);
  const { VersionId } = await before.send(
    new PutObjectCommand({ ...at, Body: "one", Metadata: { foo: "bar" } }),
  );
  await before.send(new PutObjectCommand({ ...at, Body: "two" }));
  await first.close();

  const second = await openS3(dataDir);
  second.provisionBucket(FILES);
  const after = connect(second);
  const old = await after.send(new GetObjectCommand({ ...at, VersionId }));
  expect(await old.Body?.transformToString()).toBe("one");
  expect(old.Metadata).toEqual({ foo: "bar" });
  const current = await after.send(new GetObjectCommand(at));
  expect(await current.Body?.transformToString()).toBe("two");
});

test("a data folder is one server's", async () => {
  const dataDir = await dataFolder();
  await openS3(dataDir);
  await expect(openS3(dataDir)).rejects.toThrow("locked");
});

test("what an overwrite or a deletion leaves over is deleted", async () => {
  const dataDir = await dataFolder();
  const server = await openS3(dataDir);
  server.provisionBucket(PLAIN);
  const client = connect(server);
  for (const Body of ["one", "two", "three"]) await client.send(new PutObjectCommand({ ...at, Body }));
  await client.send(new CopyObjectCommand({ ...at, Key: "copy", CopySource: "files/object" }));
  await expect.poll(() => blobs(dataDir)).toHaveLength(2);
  for (const Key of ["object", "copy"]) await client.send(new DeleteObjectCommand({ ...at, Key }));
  await expect.poll(() => blobs(dataDir)).toEqual([]);
});

test.each([
  ["one file", 1],
  ["several parts, of which the later ones are not yet open", 4],
])("an overwrite and a deletion do not tear a read that is under way, of %s", async (_, partCount) => {
  const dataDir = await dataFolder();
  const server = await openS3(dataDir);
  server.provisionBucket(PLAIN);
  const client = connect(server);
  const bytes = randomBytes(24_000_000); // more than the sockets between hold
  if (partCount === 1) await client.send(new PutObjectCommand({ ...at, Body: bytes }));
  else await putInParts(client, bytes, partCount);
  const url = await getSignedUrl(client, new GetObjectCommand(at));
  const reply = await new Promise<http.IncomingMessage>((resolve) => http.get(url, resolve));
  reply.pause();
  await client.send(new PutObjectCommand({ ...at, Body: "other" }));
  await client.send(new DeleteObjectCommand(at));
  expect((await buffer(reply)).equals(bytes)).toBe(true);
  await expect.poll(() => blobs(dataDir)).toEqual([]);
});

async function putInParts(client: S3Client, bytes: Buffer, count: number): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const size = bytes.length / count;
  const Parts = [];
  for (let part = 0; part < count; part++) {
    const PartNumber = part + 1;
    const Body = bytes.subarray(part * size, (part + 1) * size);
    const { ETag } = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
}

test("a part that is replaced while its upload is completed is in the object, or the completion is refused", async () => {
  const server = await openS3(await dataFolder());
  server.provisionBucket(PLAIN);
  const client = connect(server);
  for (let round = 0; round < 20; round++) {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const part = { ...at, UploadId, PartNumber: 1 };
    const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: `first ${round}` }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const [completed] = await Promise.allSettled([
      client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload })),
      client.send(new UploadPartCommand({ ...part, Body: "second" })),
    ]);
    if (completed.status === "rejected") continue;
    const got = await client.send(new GetObjectCommand(at));
    expect(await got.Body?.transformToString()).toBe(`first ${round}`);
  }
});

test("a part that is still coming when its upload is aborted is refused, and leaves no file", async () => {
  const dataDir = await dataFolder();
  const server = await openS3(dataDir);
  server.provisionBucket(PLAIN);
  const client = connect(server, ROOT, { requestChecksumCalculation: "WHEN_REQUIRED" });
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const url = await getSignedUrl(client, new UploadPartCommand({ ...at, UploadId, PartNumber: 1 }));
  const request = http.request(url, { method: "PUT", headers: { "content-length": 8 } });
  const reply = once(request, "response");
  request.write("half");
  await expect.poll(() => incoming(dataDir)).toHaveLength(1);
  await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
  request.end("half");
  const [response]: http.IncomingMessage[] = await reply;
  expect(response?.statusCode).toBe(404);
  response?.resume();
  expect(await incoming(dataDir)).toEqual([]);
  await expect.poll(() => blobs(dataDir)).toEqual([]);
});

test("closing waits for what is under way: it is done or not, and nothing breaks", async () => {
  const dataDir = await dataFolder();
  const faults: unknown[] = [];
  const server = await openS3(dataDir, { report: (fault) => void faults.push(fault) });
  server.provisionBucket(FILES);
  const client = connect(server);
  const puts = Array.from({ length: 40 }, (_, i) =>
    client.send(new PutObjectCommand({ ...at, Key: `${i}`, Body: Buffer.alloc(100_000) })),
  );
  const outcomes = Promise.allSettled(puts);
  await puts[0];
  await server.close();
  const acknowledged = (await outcomes).filter(({ status }) => status === "fulfilled").length;

  const again = await openS3(dataDir);
  const listed = await connect(again).send(new ListObjectVersionsCommand({ Bucket: "files" }));
  expect(listed.Versions?.length).toBeGreaterThanOrEqual(acknowledged);
  expect(await incoming(dataDir)).toEqual([]);
  expect(faults).toEqual([]);
});

test("orphans of a crash are swept at the start, and nothing else", async () => {
  const dataDir = await dataFolder();
  const first = await openS3(dataDir);
  first.provisionBucket(FILES);
  await connect(first).send(new PutObjectCommand({ ...at, Body: "kept" }));
  await first.close();
  await writeFile(path.join(dataDir, "blobs", "orphan"), "x");
  await writeFile(path.join(dataDir, "incoming", "half"), "x");

  const second = await openS3(dataDir);
  await expect.poll(() => blobs(dataDir)).toHaveLength(1);
  expect(await incoming(dataDir)).toEqual([]);
  const got = await connect(second).send(new GetObjectCommand(at));
  expect(await got.Body?.transformToString()).toBe("kept");
});

test("a refused or broken upload leaves no file", async () => {
  const dataDir = await dataFolder();
  const server = await openS3(dataDir);
  server.provisionBucket(FILES);
  const client = connect(server);
  await errorOf(client.send(new PutObjectCommand({ ...at, Body: "x", ChecksumCRC32: "AAAAAA==" })));
  await client.send(new PutObjectCommand({ ...at, Body: "x" }));
  await errorOf(client.send(new PutObjectCommand({ ...at, Body: "y", IfNoneMatch: "*" })));
  await expect.poll(() => blobs(dataDir)).toHaveLength(1);
  expect(await incoming(dataDir)).toEqual([]);
});

test("a disk that cannot be written gives an error that tells nothing, and what was stored is kept", async () => {
  const dataDir = await dataFolder();
  const faults: unknown[] = [];
  const server = await openS3(dataDir, { report: (fault) => void faults.push(fault) });
  server.provisionBucket(FILES);
  const client = connect(server);
  await client.send(new PutObjectCommand({ ...at, Body: "kept" }));
  await rm(path.join(dataDir, "incoming"), { recursive: true });
  const refusal = await errorOf(client.send(new PutObjectCommand({ ...at, Body: "lost" })));
  expect(refusal).toEqual({ status: 500, name: "InternalError" });
  expect(String(faults[0])).toContain("ENOENT");
  const got = await client.send(new GetObjectCommand(at));
  expect(await got.Body?.transformToString()).toBe("kept");
  await mkdir(path.join(dataDir, "incoming"));
  await client.send(new PutObjectCommand({ ...at, Body: "again" }));
});

test("bytes that are gone are an error before the head of the reply, not a torn one after it", async () => {
  const dataDir = await dataFolder();
  const server = await openS3(dataDir, { report: () => undefined });
  server.provisionBucket(FILES);
  const client = connect(server);
  await client.send(new PutObjectCommand({ ...at, Body: Buffer.alloc(1_000_000) }));
  for (const blob of await blobs(dataDir)) await rm(path.join(dataDir, "blobs", blob));
  expect(await errorOf(client.send(new GetObjectCommand(at)))).toMatchObject({ status: 500 });
});
