import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { createAuthorizer } from "../../../../../local/aws/iam/create-authorizer.ts";
import type { Deliver } from "../../../../../local/aws/s3/events/deliver-events.ts";
import type { S3Event, S3EventRecord, S3TestEvent } from "../../../../../local/aws/s3/events/event.ts";
import { type S3Options, type S3Server, startS3 } from "../../../../../local/aws/s3/server.ts";
import type { Credential } from "../../../../../local/aws/sigv4/credential.ts";
import { memoryFolder } from "../../../../support/memory-folder.ts";

export const ROOT: Credential = {
  accessKeyId: "AKIDROOT",
  secretAccessKey: "root-secret",
  principal: "root",
};
export const QUEUE = "arn:aws:sqs:us-east-1:000000000000:queue";

/** An empty folder that is gone after the test. In memory: what is answered for was synced first, and a disk takes its time for that. */
export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(memoryFolder(), "local-s3-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A server in this process, for one test. */
export async function openS3(dataDir: string, options: Partial<S3Options> = {}): Promise<S3Server> {
  const server = await startS3({
    dataDir,
    region: "us-east-1",
    findCredential: (id) => (id === ROOT.accessKeyId ? ROOT : undefined),
    authorize: createAuthorizer([]),
    report: (fault) => {
      throw fault; // a test that means to make one replaces this
    },
    ...options,
  });
  let open = true;
  const close = async () => {
    if (open) await server.close();
    open = false;
  };
  onTestFinished(close);
  return { ...server, close };
}

export function connect(
  server: { endpoint: string },
  credentials: Credential = ROOT,
  settings: S3ClientConfig = {},
): S3Client {
  const client = new S3Client({
    region: "us-east-1",
    endpoint: server.endpoint,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { ...credentials }, // the SDK writes into it
    ...settings,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** A bucket whose events go to a list. */
export const FILES = {
  name: "files",
  versioning: true,
  notifications: [{ targetArn: QUEUE, events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"] }],
};

/** What events tell, one line each. */
export function told(events: readonly S3Event[]): string[] {
  return recordsOf(events).map(({ eventName, s3 }) => `${eventName} ${s3.object.key}`);
}

/** Test events have none. */
export function recordsOf(events: readonly (S3Event | S3TestEvent)[]): S3EventRecord[] {
  return events.flatMap((event) => ("Records" in event ? event.Records : []));
}

/** Takes events, but for test events. */
export function takeInto(events: S3Event[]): Deliver {
  return async (_, event) => {
    if ("Records" in event) events.push(event);
  };
}
