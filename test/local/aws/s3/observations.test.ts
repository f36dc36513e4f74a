import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { S3Fault, S3Observation, S3Operation } from "../../../../local/aws/s3/observation.ts";
import { errorOf } from "../../../conformance/s3/support/error-of.ts";
import { connect, dataFolder, FILES, openS3 } from "./support/local-s3.ts";

async function observed(fault?: (operation: S3Operation) => S3Fault | undefined) {
  const observations: S3Observation[] = [];
  const observe = (observation: S3Observation) => void observations.push(observation);
  const server = await openS3(await dataFolder(), { observe, ...(fault === undefined ? {} : { fault }) });
  server.provisionBucket(FILES);
  return { client: connect(server), observations };
}

const at = { Bucket: "files", Key: "a b" };

test("every request is told, with who, what, and how many bytes", async () => {
  const { client, observations } = await observed();
  const { VersionId } = await client.send(new PutObjectCommand({ ...at, Body: "0123456789" }));
  const got = await client.send(new GetObjectCommand({ ...at, Range: "bytes=2-4" }));
  await got.Body?.transformToString();
  await client.send(new HeadObjectCommand({ ...at, VersionId }));
  await errorOf(client.send(new GetObjectCommand({ ...at, Key: "missing" })));

  const common = { bucket: "files", key: "a b", principal: "root", status: 200, bytesIn: 0, bytesOut: 0 };
  expect(observations).toMatchObject([
    { ...common, operation: "PutObject", versionId: VersionId, bytesIn: 10 },
    { ...common, operation: "GetObject", status: 206, range: "bytes=2-4", bytesOut: 3 },
    { ...common, operation: "HeadObject", versionId: VersionId },
    { ...common, operation: "GetObject", key: "missing", status: 404, bytesOut: expect.any(Number) },
  ]);
});

test("a large body is counted as it is sent", async () => {
  const { client, observations } = await observed();
  await client.send(new PutObjectCommand({ ...at, Body: Buffer.alloc(3_000_000) }));
  const got = await client.send(new GetObjectCommand(at));
  await got.Body?.transformToByteArray();
  await expect.poll(() => observations.at(-1)).toMatchObject({ operation: "GetObject", bytesOut: 3_000_000 });
});

test("a chosen operation fails as it is told to", async () => {
  const { client } = await observed(({ operation, key }) =>
    operation === "GetObject" && key === "a b" ? { fail: "SlowDown" } : undefined,
  );
  await client.send(new PutObjectCommand({ ...at, Body: "x" }));
  expect(await errorOf(client.send(new GetObjectCommand(at)))).toEqual({ status: 503, name: "SlowDown" });
});

test("the connection is cut before the operation, or after it", async () => {
  let cut: "request" | "reply" = "request";
  const { client, observations } = await observed(({ operation }) =>
    operation === "PutObject" ? { drop: cut } : undefined,
  );
  const put = () => client.send(new PutObjectCommand({ ...at, Body: "x" }));
  const head = () => client.send(new HeadObjectCommand(at));
  await expect(put()).rejects.toThrow();
  expect(await errorOf(head())).toMatchObject({ status: 404 });
  cut = "reply";
  await expect(put()).rejects.toThrow();
  expect(await head()).toMatchObject({ ContentLength: 1 });
  expect(observations.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
    "PutObject 0",
    "HeadObject 404",
    "PutObject 0",
    "HeadObject 200",
  ]);
});

test("of a large read the connection is cut too, and the file is let go", async () => {
  const { client } = await observed(({ operation }) =>
    operation === "GetObject" ? { drop: "reply" } : undefined,
  );
  await client.send(new PutObjectCommand({ ...at, Body: Buffer.alloc(3_000_000) }));
  await expect(client.send(new GetObjectCommand(at))).rejects.toThrow();
  await client.send(new CopyObjectCommand({ ...at, Key: "copy", CopySource: "files/a%20b" }));
});
