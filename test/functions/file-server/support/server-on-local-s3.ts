import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll } from "vitest";
import type { FunctionUrlReply } from "../../../../functions/file-server/function-url/reply.ts";
import { createFileServer } from "../../../../functions/file-server/main.ts";
import type { S3Observation } from "../../../../local/aws/s3/observation.ts";
import { startS3 } from "../../../../local/aws/s3/server.ts";
import { formatSignedLink, type Linked } from "../../../../protocol/signed-link.ts";
import { type EventOptions, functionUrlEvent } from "../../../support/function-url-event.ts";
import { lambdaContext } from "../../../support/lambda-context.ts";
import { LINK_SECRET, startAwsStandIn } from "./aws-stand-in.ts";

const ACCESS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" };
const ROLE = "arn:aws:iam::123456789012:role/file-server";

/** One upload: its etag without quotes, and its VersionId. */
export type Uploaded = { etag: string; version: string };

/** The file-server on the local S3, which verifies every signature. It ends with the tests of its file. */
export type ServerOnLocalS3 = {
  /** Uploads into a bucket, `files` unless told otherwise, and forgets what was seen. */
  put(key: string, bytes: Buffer | string, bucket?: "files" | "packed"): Promise<Uploaded>;
  /** Puts a delete marker over a file; its VersionId. */
  remove(key: string): Promise<string>;
  /** Requests to S3 since the last upload. */
  seen: S3Observation[];
  /** Whether the role may read. */
  permissions: { allowed: boolean };
  call(request: EventOptions): Promise<FunctionUrlReply>;
  /** Calls without a token, by a link that is signed for this. */
  open(linked: Linked, request?: EventOptions): Promise<FunctionUrlReply>;
};

export async function startServerOnLocalS3(): Promise<ServerOnLocalS3> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "noteferry-file-server-"));
  const seen: S3Observation[] = [];
  const permissions = { allowed: true };
  const s3 = await startS3({
    dataDir,
    region: "eu-west-1",
    findCredential: (id) => (id === ACCESS.accessKeyId ? { ...ACCESS, principal: ROLE } : undefined),
    authorize: ({ action }) => permissions.allowed || !action.startsWith("s3:Get"),
    observe: (observation) => seen.push(observation),
  });
  s3.provisionBucket({ name: "files", versioning: true, notifications: [] });
  s3.provisionBucket({ name: "packed", versioning: false, notifications: [] });
  const aws = await startAwsStandIn(); // for the tokens
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: "eu-west-1",
    credentials: ACCESS,
    forcePathStyle: true,
  });
  afterAll(async () => {
    client.destroy();
    await aws.close();
    await s3.close();
    await rm(dataDir, { recursive: true });
  });
  process.env.POWERTOOLS_LOG_LEVEL = "SILENT";
  const { handler } = createFileServer({
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: ACCESS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ACCESS.secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.origin,
    FILES_BUCKET: "files",
    PACKED_BUCKET: "packed",
    TOKEN_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tokens",
    LINK_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:links",
  });
  return {
    async put(Key, bytes, Bucket = "files") {
      const Body = Buffer.from(bytes); // of an empty string the SDK knows no length
      const { ETag, VersionId = "" } = await client.send(new PutObjectCommand({ Bucket, Key, Body }));
      seen.length = 0;
      return { etag: ETag?.replaceAll('"', "") ?? "", version: VersionId };
    },
    async remove(Key) {
      const { VersionId = "" } = await client.send(new DeleteObjectCommand({ Bucket: "files", Key }));
      seen.length = 0;
      return VersionId;
    },
    seen,
    permissions,
    call(request) {
      const headers = { authorization: "Bearer current-token", ...request.headers };
      return handler(functionUrlEvent({ ...request, headers }), lambdaContext());
    },
    open(linked, request) {
      const [path = "", query = ""] = formatSignedLink(linked, LINK_SECRET).split("?");
      return handler(functionUrlEvent({ path, query, ...request }), lambdaContext());
    },
  };
}
