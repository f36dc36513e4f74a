import { readdir, truncate } from "node:fs/promises";
import path from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, test } from "vitest";
import type { S3Observation } from "../../../../local/aws/s3/observation.ts";
import { connect, dataFolder, FILES, openS3 } from "./support/local-s3.ts";
import { rawConnection } from "./support/raw-connection.ts";

const at = { Bucket: "files", Key: "object" };
const LARGE = Buffer.alloc(20_000_000, "a");

async function open() {
  const dataDir = await dataFolder();
  const observations: S3Observation[] = [];
  const server = await openS3(dataDir, {
    observe: (observation) => void observations.push(observation),
    report: () => undefined,
  });
  server.provisionBucket(FILES);
  return { server, client: connect(server), observations, blobs: path.join(dataDir, "blobs") };
}

test("a name of metadata that no header can have is refused, or the object could not be read", async () => {
  const { server, client } = await open();
  const command = new PutObjectCommand({ ...at, Metadata: { "a b": "1" } });
  const url = await getSignedUrl(client, command, { hoistableHeaders: new Set(["x-amz-meta-a b"]) });
  const raw = await rawConnection(server.port);
  raw.write(
    `PUT ${url.slice(server.endpoint.length)} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nContent-Length: 1\r\n\r\nx`,
  );
  expect(await raw.until(/<\/Error>/)).toMatch(/^HTTP\/1.1 400 .*InvalidArgument/s);
});

test("a body that ends before its length is cut, and told as a request without a status", async () => {
  const { client, observations, blobs } = await open();
  await client.send(new PutObjectCommand({ ...at, Body: LARGE }));
  for (const blob of await readdir(blobs)) await truncate(path.join(blobs, blob), 1_000_000);
  const { Body } = await client.send(new GetObjectCommand(at));
  await expect(Body?.transformToByteArray()).rejects.toThrow();
  await expect.poll(() => observations.at(-1)).toMatchObject({ operation: "GetObject", status: 0 });
});

test("nonsense on a connection puts no other reply into the body that is under way", async () => {
  const { server, client } = await open();
  await client.send(new PutObjectCommand({ ...at, Body: LARGE }));
  const url = await getSignedUrl(client, new GetObjectCommand(at));
  const raw = await rawConnection(server.port);
  raw.write(`GET ${url.slice(server.endpoint.length)} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
  await raw.until(/aaaa/);
  raw.write("nonsense\r\n\r\n");
  expect(await raw.until(/(?!)/)).not.toContain("400 Bad Request");
});

test("completions that come together with If-None-Match get the same answer", async () => {
  const { client } = await open();
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const { ETag } = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "x" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const complete = () =>
    client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload, IfNoneMatch: "*" }));
  const connected = () => client.send(new ListPartsCommand({ ...at, UploadId }));
  await Promise.all(Array.from({ length: 8 }, connected)); // so that all arrive together
  const replies = await Promise.all(Array.from({ length: 8 }, complete));
  expect(new Set(replies.map(({ VersionId }) => VersionId)).size).toBe(1);
});
