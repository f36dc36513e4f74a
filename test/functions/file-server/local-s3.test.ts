import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFileServer } from "../../../functions/file-server/main.ts";
import type { S3Observation } from "../../../local/aws/s3/observation.ts";
import { type S3Server, startS3 } from "../../../local/aws/s3/server.ts";
import { parseChunk } from "../../../protocol/chunk.ts";
import { encodeKey } from "../../../protocol/query.ts";
import { type EventOptions, functionUrlEvent } from "../../support/function-url-event.ts";
import { lambdaContext } from "../../support/lambda-context.ts";
import { type AwsStandIn, startAwsStandIn } from "./support/aws-stand-in.ts";
import { bytesOf } from "./support/file-server-under-test.ts";

const ACCESS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" };
const ROLE = "arn:aws:iam::123456789012:role/file-server";

let dataDir: string;
let s3: S3Server;
let aws: AwsStandIn;
let client: S3Client;
let handler: ReturnType<typeof createFileServer>;
const seen: S3Observation[] = [];
let allowed = true;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "noteferry-file-server-"));
  s3 = await startS3({
    dataDir,
    region: "eu-west-1",
    findCredential: (id) => (id === ACCESS.accessKeyId ? { ...ACCESS, principal: ROLE } : undefined),
    authorize: ({ action }) => allowed || !action.startsWith("s3:Get"),
    observe: (observation) => seen.push(observation),
  });
  s3.provisionBucket({ name: "files", versioning: true, notifications: [] });
  aws = await startAwsStandIn(); // for the tokens
  client = new S3Client({
    endpoint: s3.endpoint,
    region: "eu-west-1",
    credentials: ACCESS,
    forcePathStyle: true,
  });
  process.env.POWERTOOLS_LOG_LEVEL = "SILENT";
  handler = createFileServer({
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: ACCESS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ACCESS.secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.origin,
    FILES_BUCKET: "files",
    PACKED_BUCKET: "packed",
    TOKEN_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tokens",
  });
});
afterAll(async () => {
  client.destroy();
  await aws.close();
  await s3.close();
  await rm(dataDir, { recursive: true });
});

async function put(key: string, bytes: Buffer): Promise<string> {
  const { ETag } = await client.send(new PutObjectCommand({ Bucket: "files", Key: key, Body: bytes }));
  seen.length = 0;
  return ETag?.replaceAll('"', "") ?? "";
}

function call(request: EventOptions) {
  const headers = { authorization: "Bearer current-token", ...request.headers };
  return handler(functionUrlEvent({ ...request, headers }), lambdaContext());
}

describe("against the local S3, which verifies every signature", () => {
  test.each(["plain.py", "with space", "a+b", "100%25", "ünï/語/😀", "x:y", "a//b", "!'()*&=?#;,~"])(
    "[NF-3.5] %s comes back, a request a chunk",
    async (key) => {
      const bytes = Buffer.from(Array.from({ length: 13_000 }, (_, index) => (index * 31) % 251));
      const etag = await put(key, bytes);
      const parts: Buffer[] = [];
      for (const chunk of [1, 2, 3]) {
        const query = `file=${encodeKey(key)}&chunk=${chunk}&size=6000&etag=${etag}`;
        const parsed = parseChunk(JSON.parse((await call({ query })).body));
        expect(parsed).toMatchObject({ totalChunks: 3, etag });
        parts.push(parsed?.bytes ?? Buffer.alloc(0));
      }
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      expect(seen).toHaveLength(3);
      expect(seen.reduce((sum, { bytesOut }) => sum + bytesOut, 0)).toBe(bytes.length);
      const whole = await call({ path: `/files/${encodeKey(key)}` });
      expect(bytesOf(whole).equals(bytes)).toBe(true);
    },
  );

  test("[NF-3.6] an empty file, and the ranges it has not", async () => {
    const etag = await put("empty", Buffer.alloc(0));
    const reply = await call({ query: "file=empty" });
    expect(JSON.parse(reply.body)).toMatchObject({ payload: "", total_chunks: 1, etag });
    expect(seen).toHaveLength(2);
    for (const range of ["bytes=0-0", "bytes=-1", "bytes=0-"]) {
      const refused = await call({ path: "/files/empty", headers: { range } });
      expect([refused.statusCode, refused.headers["Content-Range"]]).toEqual([416, "bytes */0"]);
    }
  });

  test("[NF-3.7] [NF-5.7] 404, 412, 416 and HEAD", async () => {
    const etag = await put("f", Buffer.from("0123456789"));
    const statuses = [
      await call({ query: "file=missing" }),
      await call({ query: "file=f&etag=0123" }),
      await call({ query: "file=f&etag=0123&chunk=2" }), // the condition goes before the range
      await call({ query: `file=f&etag=${etag}&chunk=2` }),
      await call({ path: "/files/f", method: "HEAD" }),
      await call({ path: "/files/missing", method: "HEAD" }),
    ].map(({ statusCode }) => statusCode);
    expect(statuses).toEqual([404, 412, 412, 416, 200, 404]);
  });

  test("a role without permission is a fault, not a missing file", async () => {
    await put("f", Buffer.from("x"));
    allowed = false;
    const { statusCode } = await call({ query: "file=f" });
    allowed = true;
    expect(statusCode).toBe(503);
  });
});
