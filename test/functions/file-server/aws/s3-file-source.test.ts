import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsSender } from "../../../../functions/file-server/aws/aws-sender.ts";
import { createConnections } from "../../../../functions/file-server/aws/connections.ts";
import { createS3FileSource } from "../../../../functions/file-server/aws/s3-file-source.ts";
import type { FileSource } from "../../../../functions/file-server/ports.ts";
import { s3Address } from "../../../../protocol/presigned-url.ts";
import { requestableKey } from "../../../support/arbitrary-key.ts";
import { type AwsStandIn, BUCKET, hangUp, stall, startAwsStandIn } from "../support/aws-stand-in.ts";

const SCOPE = {
  credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret", sessionToken: "session" },
  region: "eu-west-1",
  service: "s3",
};

let aws: AwsStandIn;
beforeAll(async () => {
  aws = await startAwsStandIn();
});
afterAll(() => aws.close());

function filesAt(endpoint: string, timeoutMs = 5000): FileSource {
  const { origin, pathPrefix } = s3Address(BUCKET, "eu-west-1", endpoint);
  const send = createAwsSender(origin, createConnections(origin, Date.now), SCOPE);
  return createS3FileSource({ send, pathPrefix, timeoutMs });
}

function readFirstBytes(files: FileSource, key = "f", signal = new AbortController().signal) {
  return files.read({ key, range: { first: 0, last: 9 }, maxBytes: 10, signal });
}

test("at AWS the bucket is in the host's name, elsewhere in the path", () => {
  expect(s3Address("b", "eu-west-1", undefined)).toEqual({
    origin: new URL("https://b.s3.eu-west-1.amazonaws.com"),
    pathPrefix: "/",
  });
  expect(s3Address("b", "eu-west-1", "https://localhost:9000")).toEqual({
    origin: new URL("https://localhost:9000"),
    pathPrefix: "/b/",
  });
});

test("any key arrives at S3 as it is", async () => {
  const files = filesAt(aws.origin);
  await fc.assert(
    fc.asyncProperty(requestableKey, async (key) => {
      aws.files.clear();
      aws.put(key, key);
      const read = await files.read({
        key,
        range: { first: 0, last: 5000 },
        maxBytes: 5001,
        signal: new AbortController().signal,
      });
      expect(read).toMatchObject({ outcome: "found", bytes: Buffer.from(key) });
    }),
  );
});

test("doubled slashes and dots reach S3 unresolved, so that no key is another's alias", async () => {
  aws.s3Requests.length = 0;
  const files = filesAt(aws.origin);
  for (const key of ["a//b", "a/../b", "./a", "..", "a/"]) {
    expect(await readFirstBytes(files, key)).toEqual({ outcome: "not-found" });
  }
  const urls = aws.s3Requests.map(({ url }) => url);
  expect(urls).toEqual(["a//b", "a/../b", "./a", "..", "a/"].map((key) => `/${BUCKET}/${key}`));
});

test("requests are signed, with the role's session", async () => {
  aws.s3Requests.length = 0;
  await readFirstBytes(filesAt(aws.origin));
  expect(aws.s3Requests[0]?.headers).toMatchObject({
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/s3\/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token,/,
    ),
    "x-amz-security-token": "session",
  });
});

test("a time-out and an abort are both `unavailable`", async () => {
  aws.s3Faults = [stall];
  expect(await readFirstBytes(filesAt(aws.origin, 30))).toMatchObject({
    outcome: "unavailable",
    cause: { cause: { name: "TimeoutError" } },
  });
  aws.s3Faults = [stall];
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("time is up")), 30);
  expect(await readFirstBytes(filesAt(aws.origin), "f", controller.signal)).toMatchObject({
    outcome: "unavailable",
    cause: { cause: { message: "time is up" } },
  });
});

test("nobody there is `unavailable`", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  expect(await readFirstBytes(filesAt(`http://127.0.0.1:${port}`))).toMatchObject({
    outcome: "unavailable",
    cause: { code: "ECONNREFUSED" },
  });
});

test("one connection serves many requests, errors among them", async () => {
  const files = filesAt(aws.origin);
  const ports = new Set<number | undefined>();
  aws.put("f", "0123456789");
  for (const key of ["f", "missing", "f", "f", "missing", "f"]) {
    aws.s3Faults = [];
    await readFirstBytes(files, key);
    ports.add(aws.s3Requests.at(-1)?.port);
  }
  for (const key of ["f", "missing", "f"]) {
    await files.head({ key, signal: new AbortController().signal });
    ports.add(aws.s3Requests.at(-1)?.port);
  }
  expect(ports.size).toBe(1);
});

test("a connection that S3 closed meanwhile is replaced without anybody noticing", async () => {
  aws.put("f", "0123456789");
  const files = filesAt(aws.origin);
  await Promise.all([readFirstBytes(files), readFirstBytes(files), readFirstBytes(files)]);
  aws.s3Requests.length = 0;
  aws.s3Faults = [hangUp, hangUp, hangUp]; // as many as there are old connections
  expect(await readFirstBytes(files)).toMatchObject({ outcome: "found" });
  expect(aws.s3Requests).toHaveLength(4);
  aws.s3Faults = [hangUp, hangUp];
  expect(await readFirstBytes(files)).toMatchObject({ outcome: "unavailable" }); // a new connection is not tried twice
  aws.s3Faults = [];
});
