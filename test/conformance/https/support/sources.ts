import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createFileServer } from "../../../../functions/file-server/main.ts";
import { serveFunctionUrl } from "../../../../local/aws/lambda/function-url.ts";
import { startS3 } from "../../../../local/aws/s3/server.ts";
import { startLoopbackServer } from "../../../../local/host/loopback/loopback-server.ts";
import { loadLocalTls } from "../../../../local/host/tls/local-ca.ts";
import type { Deployment } from "../../../../operator/cloud/deployment.ts";
import { openFilesBucket } from "../../../../operator/cloud/files/files-bucket.ts";
import { presignVersion } from "../../../../operator/cloud/files/presign-version.ts";
import { formatSignedLink } from "../../../../protocol/signed-link.ts";
import { LINK_SECRET, startAwsStandIn } from "../../../functions/file-server/support/aws-stand-in.ts";
import { lambdaContext } from "../../../support/lambda-context.ts";
import type { Transport } from "./wire.ts";

const ACCESS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" };
const REGION = "eu-west-1";

/** Where a file is to be had by an address alone. */
export type Source = {
  port: number;
  /** As it is in the address. */
  host: string;
  /** Path and query. */
  path: string;
  transport: Transport;
  /** Cuts the connection in place of so many answers. */
  faults: { cuts: number };
};

/** A signed link at a file-server behind TLS; a presigned URL of the local S3; and one over plain TCP. */
export type Sources = { link: Source; presigned: Source; plain: Source; ca: string; close(): Promise<void> };

/** Puts one file into all three. */
export async function startSources(key: string, file: Buffer): Promise<Sources> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-https-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const tls = await loadLocalTls(path.join(folder, "tls"));
  const secure: Transport = { tls: { ca: tls.ca, sni: true } };

  async function startBucket(transport: Transport) {
    const faults = { cuts: 0 };
    const s3 = await startS3({
      ...{ dataDir: await mkdtemp(path.join(folder, "s3-")), region: REGION, authorize: () => true },
      findCredential: (id) => (id === ACCESS.accessKeyId ? { ...ACCESS, principal: "root" } : undefined),
      fault: () => (faults.cuts-- > 0 ? { drop: "request" } : undefined),
      tls: transport.tls && tls,
    });
    started.defer(() => s3.close());
    s3.provisionBucket({ name: "files", versioning: true, notifications: [] });
    const service = { endpoint: s3.endpoint, region: REGION, credentials: ACCESS, ca: tls.ca };
    const deployment: Deployment = {
      ...{ name: "", local: true, outputs: { FilesBucketName: "files" }, aws: {} },
      s3: transport.tls === undefined ? { ...service, ca: "" } : service,
    };
    using bucket = openFilesBucket(deployment);
    const put = new PutObjectCommand({ Bucket: "files", Key: key, Body: file });
    const { VersionId = "", ETag = "" } = await bucket.client.send(put);
    const version = { key, versionId: VersionId, expiresSeconds: 900 };
    const { url } = await presignVersion(deployment, bucket, version, new Date());
    const { pathname, search, hostname: host } = new URL(url);
    const source: Source = { port: s3.port, host, path: pathname + search, transport, faults };
    return { source, endpoint: s3.endpoint, etag: ETag.replaceAll('"', "") };
  }

  const presigned = await startBucket(secure);
  const plain = await startBucket({});
  const link = await startLink(plain.endpoint, plain.etag);
  const running = started.move();
  return {
    ...{ link, presigned: presigned.source, plain: plain.source, ca: tls.ca },
    close: () => running.disposeAsync(),
  };

  async function startLink(endpoint: string, etag: string): Promise<Source> {
    const aws = await startAwsStandIn(); // for the secrets
    started.defer(() => aws.close());
    process.env.POWERTOOLS_LOG_LEVEL = "SILENT";
    const { handler } = createFileServer({
      ...{ AWS_REGION: REGION, AWS_ENDPOINT_URL_S3: endpoint, AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.origin },
      ...{ AWS_ACCESS_KEY_ID: ACCESS.accessKeyId, AWS_SECRET_ACCESS_KEY: ACCESS.secretAccessKey },
      ...{
        FILES_BUCKET: "files",
        PACKED_BUCKET: "packed",
        TOKEN_SECRET_ARN: "arn:tokens",
        LINK_SECRET_ARN: "arn:links",
      },
    });
    const server = await startLoopbackServer({ tls });
    started.defer(() => server.close());
    const faults = { cuts: 0 };
    serveFunctionUrl({
      server: {
        ...server,
        serve: (listener) =>
          server.serve((request, response) => {
            if (faults.cuts-- > 0) request.socket.destroy();
            else listener(request, response);
          }),
      },
      target: { invoke: async (event) => ({ kind: "ok", payload: await handler(event, lambdaContext()) }) },
    });
    const path = formatSignedLink({ key, etag }, LINK_SECRET);
    return { port: server.port, host: "localhost", path, transport: secure, faults };
  }
}
