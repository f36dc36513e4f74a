import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAuthorizer } from "../../../../local/aws/iam/create-authorizer.ts";
import type { S3EventRecord } from "../../../../local/aws/s3/events/event.ts";
import { startS3 } from "../../../../local/aws/s3/server.ts";
import { loadLocalTls } from "../../../../local/host/tls/local-ca.ts";

/** An S3 endpoint to be judged. */
export type Target = {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** PEM. */
  ca: string | undefined;
  /** Events delivered so far; only ours tells them. */
  events: S3EventRecord[] | undefined;
  close(): Promise<void>;
};

export const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:events";

/** `ours`: only this one can be asked for events. */
export type TargetKind = { name: string; ours: boolean; start: () => Promise<Target> };

/**
 * The endpoint that `S3_TEST_ENDPOINT` names, with `S3_TEST_ACCESS_KEY_ID`, `S3_TEST_SECRET_ACCESS_KEY`,
 * `S3_TEST_REGION` and `S3_TEST_CA` (a file); without it ours, over HTTP and over HTTPS.
 */
export function targets(): TargetKind[] {
  const { S3_TEST_ENDPOINT: endpoint } = process.env;
  if (endpoint !== undefined) {
    return [{ name: endpoint, ours: false, start: () => elsewhere(endpoint) }];
  }
  return [
    { name: "http", ours: true, start: () => startOurs(false) },
    { name: "https", ours: true, start: () => startOurs(true) },
  ];
}

async function elsewhere(endpoint: string): Promise<Target> {
  const env = process.env;
  return {
    endpoint,
    region: env.S3_TEST_REGION ?? "us-east-1",
    accessKeyId: env.S3_TEST_ACCESS_KEY_ID ?? "",
    secretAccessKey: env.S3_TEST_SECRET_ACCESS_KEY ?? "",
    ca: env.S3_TEST_CA === undefined ? undefined : await readFile(env.S3_TEST_CA, "utf8"),
    events: undefined,
    close: async () => undefined,
  };
}

async function startOurs(secure: boolean): Promise<Target> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "s3-conformance-"));
  const tls = secure ? await loadLocalTls(path.join(dataDir, "tls")) : undefined;
  const credential = {
    accessKeyId: "AKIDCONFORMANCE",
    secretAccessKey: "secret/conformance",
    principal: "root",
  };
  const events: S3EventRecord[] = [];
  const server = await startS3({
    dataDir,
    region: "us-east-1",
    findCredential: (id) => (id === credential.accessKeyId ? credential : undefined),
    authorize: createAuthorizer([]),
    deliver: async (target, event) => {
      if (target === QUEUE_ARN && "Records" in event) events.push(...event.Records);
    },
    ...(tls === undefined ? {} : { tls }),
  });
  return {
    endpoint: server.endpoint,
    region: "us-east-1",
    ...credential,
    ca: tls?.ca,
    events,
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
