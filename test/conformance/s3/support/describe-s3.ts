import { lookup } from "node:dns";
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, describe } from "vitest";
import { type HttpOptions, type HttpReply, httpRequest } from "./http-request.ts";
import { type Target, type TargetKind, targets } from "./target.ts";

/** What a conformance test works with: an endpoint, a client with the SDK's defaults, and an empty bucket of its own. */
export type S3UnderTest = {
  target: Target;
  client: S3Client;
  bucket: string;
  connect(settings?: S3ClientConfig): S3Client;
  put(
    key: string,
    body?: PutObjectCommandInput["Body"],
    more?: Partial<PutObjectCommandInput>,
  ): Promise<PutObjectCommandOutput>;
  get(key: string, more?: Partial<GetObjectCommandInput>): Promise<GetObjectCommandOutput>;
  /** The bytes that `get` brings. */
  bytes(key: string, more?: Partial<GetObjectCommandInput>): Promise<Buffer>;
  http(url: string, options?: HttpOptions): Promise<HttpReply>;
};

/** Registers tests for every target; `s3` is filled in before they run. */
export function describeS3(title: string, body: (s3: S3UnderTest, kind: TargetKind) => void): void {
  describe.each(targets())(`${title} ($name)`, (kind) => {
    let current: S3UnderTest | undefined;
    beforeAll(async () => {
      current = await open(await kind.start());
    });
    afterAll(async () => {
      if (current !== undefined) await shut(current);
    });
    const now = (): S3UnderTest => {
      if (current === undefined) throw new Error("the endpoint is not open yet: use it within a test");
      return current;
    };
    body(
      {
        get target() {
          return now().target;
        },
        get client() {
          return now().client;
        },
        get bucket() {
          return now().bucket;
        },
        connect: (settings) => now().connect(settings),
        put: (key, bytes, more) => now().put(key, bytes, more),
        get: (key, more) => now().get(key, more),
        bytes: (key, more) => now().bytes(key, more),
        http: (url, options) => now().http(url, options),
      },
      kind,
    );
  });
}

let buckets = 0;

async function open(target: Target): Promise<S3UnderTest> {
  const agentSettings = {
    keepAlive: true,
    maxSockets: 128,
    lookup: lookupLocally,
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  };
  const connect = (settings: S3ClientConfig = {}) =>
    new S3Client({
      region: target.region,
      endpoint: target.endpoint,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: target,
      requestHandler: new NodeHttpHandler({
        httpAgent: new http.Agent(agentSettings),
        httpsAgent: new https.Agent(agentSettings),
      }),
      ...settings,
    });
  const client = connect();
  const bucket = `conformance-${process.pid}-${Date.now().toString(36)}-${buckets++}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const get: S3UnderTest["get"] = (key, more = {}) =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...more }));
  return {
    target,
    client,
    bucket,
    connect,
    get,
    put: (key, body = "hello world", more = {}) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...more })),
    bytes: async (key, more) => bytesOf(await get(key, more)),
    http: (url, options = {}) => httpRequest(url, { ca: target.ca, ...options }),
  };
}

/** Names below `localhost` are this machine's (RFC 6761, section 6.3), which not every resolver knows. */
const lookupLocally: LookupFunction = (host, options, done) =>
  lookup(host.endsWith(".localhost") ? "127.0.0.1" : host, options, done);

export async function bytesOf(reply: GetObjectCommandOutput): Promise<Buffer> {
  if (reply.Body === undefined) throw new Error("the reply has no body");
  return Buffer.from(await reply.Body.transformToByteArray());
}

/** Ours is deleted with its folder; elsewhere nothing is left behind. */
async function shut({ target, client, bucket }: S3UnderTest): Promise<void> {
  if (target.events === undefined) {
    for (;;) {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      if (all.length === 0) break;
      await Promise.all(
        all.map(({ Key, VersionId }) =>
          client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId })),
        ),
      );
    }
    await client.send(new DeleteBucketCommand({ Bucket: bucket }));
  }
  client.destroy();
  await target.close();
}
