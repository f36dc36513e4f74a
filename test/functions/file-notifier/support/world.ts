import { Logger } from "@aws-lambda-powertools/logger";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { Jobs } from "../../../../functions/file-notifier/carrier/iot/jobs.ts";
import { composeNotifier } from "../../../../functions/file-notifier/compose.ts";
import type { FileNotifierEnv } from "../../../../functions/file-notifier/env.ts";
import type { Handler } from "../../../../functions/file-notifier/handler.ts";
import type { NotifierEvent } from "../../../../functions/file-notifier/outcome/notifier-event.ts";
import {
  type AwsJsonStandIn,
  DEAD_LETTER_QUEUE_URL,
  QUEUE_URL,
  sqsRecord,
  startAwsJson,
} from "./aws-json-stand-in.ts";
import { type NotehubStandIn, PROJECT, startNotehub } from "./notehub-stand-in.ts";
import {
  ANNOUNCEMENTS_BUCKET,
  FILES_BUCKET,
  PACKED_BUCKET,
  type S3EventRecord,
  type S3StandIn,
  startS3,
} from "./s3-stand-in.ts";

export const DEVICE = "dev:864475046550001";

export type EnvironmentOptions = {
  env?: Partial<FileNotifierEnv>;
  fetch?: typeof globalThis.fetch;
  fleetPageSize?: number;
  random?: () => number;
  notehubTimeoutMs?: number;
  /** In place of the stand-in's. */
  s3?: S3Client;
  /** AWS IoT's, for an environment that reaches things. */
  jobs?: Jobs;
};

/** Everything around the notifier, real over HTTP, and a clock that moves only when told. */
export type World = AsyncDisposable & {
  clock: { now: number };
  s3: S3StandIn;
  aws: AwsJsonStandIn;
  notehub: NotehubStandIn;
  /** All that was reported by all environments. */
  events: NotifierEvent[];
  /** A new execution environment. */
  environment(options?: EnvironmentOptions): Handler;
};

export async function startWorld(): Promise<World> {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const [s3, aws, notehub] = await Promise.all([startS3(), startAwsJson(() => clock.now), startNotehub()]);
  const events: NotifierEvent[] = [];
  const config = {
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    maxAttempts: 1, // a fault shows at once
  };
  const clients = {
    s3: new S3Client({
      ...config,
      endpoint: s3.url,
      forcePathStyle: true,
      responseChecksumValidation: "WHEN_REQUIRED",
    }),
    dynamodb: new DynamoDBClient({ ...config, endpoint: aws.url }),
    sqs: new SQSClient({ ...config, endpoint: aws.url, useQueueUrlAsEndpoint: false }),
    secrets: new SecretsManagerClient({ ...config, endpoint: aws.url }),
  };
  return {
    clock,
    s3,
    aws,
    notehub,
    events,
    environment: (options = {}) =>
      composeNotifier({
        env: {
          ANNOUNCEMENTS_BUCKET,
          QUEUE_URL,
          DELIVERY_TABLE: "deliveries",
          DEAD_LETTER_QUEUE_URL,
          FILES_BUCKET,
          PACKED_BUCKET,
          FLEET_ANNOUNCEMENTS: "notes",
          NOTEHUB_CALLS_PER_MINUTE: "7",
          PRUNE: "false",
          NOTEHUB_URL: notehub.url,
          NOTEHUB_PROJECT_UID: PROJECT,
          NOTEHUB_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:notehub",
          MAX_RECEIVES: "1000",
          MAX_FILE_BYTES: "1000000",
          DEFAULT_TARGET: DEVICE,
          ...options.env,
        },
        ...clients,
        jobs: options.jobs,
        ...(options.s3 === undefined ? {} : { s3: options.s3 }),
        fetch: options.fetch ?? globalThis.fetch,
        logger: new Logger({ logLevel: "SILENT" }),
        report: (event) => events.push(event),
        now: () => clock.now,
        random: options.random ?? Math.random,
        notehubTimeoutMs: options.notehubTimeoutMs ?? 10_000,
        fleetPageSize: options.fleetPageSize ?? 2,
      }),
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.destroy();
      for (const server of [s3, aws, notehub]) await server[Symbol.asyncDispose]();
    },
  };
}

export function s3Message(...records: S3EventRecord[]): string {
  return JSON.stringify({ Records: records });
}

/** Invokes a handler as Lambda does. */
export function invoke(
  handler: Handler,
  messages: readonly (string | SQSRecord)[],
  remainingMs = 300_000,
): Promise<SQSBatchResponse> {
  const Records = messages.map((message) => (typeof message === "string" ? sqsRecord(message) : message));
  const deadline = Date.now() + remainingMs;
  const context: Context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: "file-notifier",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:file-notifier",
    memoryLimitInMB: "1024",
    awsRequestId: "request",
    logGroupName: "group",
    logStreamName: "stream",
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
  return handler({ Records }, context);
}

/** Delivers what is queued, several environments at once, until nothing is left; the clock leaps when nothing shows. */
export async function drain(
  world: Pick<World, "aws" | "clock">,
  run: (records: SQSRecord[], environment: number) => Promise<SQSBatchResponse | "died">,
  options: { environments: number; batch: number },
): Promise<void> {
  const { aws, clock } = world;
  for (let rounds = 0; rounds < 5_000; rounds += 1) {
    const next = aws.nextVisible();
    if (next === undefined) return;
    clock.now = Math.max(clock.now, next);
    const batches = Array.from({ length: options.environments }, () => aws.receive(options.batch, 60));
    await Promise.all(
      batches.map(async (records, environment) => {
        if (records.length === 0) return;
        const response = await run(records, environment);
        if (response === "died") return; // nothing is acknowledged
        const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        for (const { messageId } of records) if (!failed.has(messageId)) aws.delete(messageId);
      }),
    );
  }
  throw new Error("the queue never drains");
}
