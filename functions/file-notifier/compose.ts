import type { Logger } from "@aws-lambda-powertools/logger";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { parseTarget } from "../../protocol/target.ts";
import { createAnnouncer } from "./announce/announce-file.ts";
import { createS3Files } from "./aws/s3-files.ts";
import { createS3Records } from "./aws/s3-records.ts";
import { readSecret } from "./aws/secrets-manager.ts";
import { createSqsQueue } from "./aws/sqs-queue.ts";
import { createNotehubCarrier } from "./carrier/notehub/notehub.ts";
import { createNotehubTokens } from "./carrier/notehub/notehub-tokens.ts";
import type { FileNotifierEnv } from "./env.ts";
import { createHandler, type Handler } from "./handler.ts";
import { processMessage } from "./outcome/process-message.ts";
import type { Report } from "./ports.ts";

export type NotifierParts = {
  env: FileNotifierEnv;
  s3: S3Client;
  sqs: SQSClient;
  secrets: SecretsManagerClient;
  fetch: typeof globalThis.fetch;
  logger: Logger;
  report: Report;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** From 0 to below 1. */
  random: () => number;
  /** How long one exchange with Notehub may take. */
  notehubTimeoutMs?: number;
  /** Devices asked for at a time. */
  fleetPageSize?: number;
};

/** Joins the adapters and the flows to the handler of one execution environment. */
export function composeNotifier(parts: NotifierParts): Handler {
  const { env, report, now, random } = parts;
  const exchange = { fetch: parts.fetch, timeoutMs: parts.notehubTimeoutMs ?? 10_000, now };
  const url = env.NOTEHUB_URL;
  const tokens = createNotehubTokens({
    ...exchange,
    url,
    readSecret: () => readSecret(parts.secrets, env.NOTEHUB_SECRET_ARN),
  });
  const carrier = createNotehubCarrier({
    ...exchange,
    url,
    projectUid: env.NOTEHUB_PROJECT_UID,
    tokens,
    ...(parts.fleetPageSize === undefined ? {} : { pageSize: parts.fleetPageSize }),
  });
  const queue = createSqsQueue(parts.sqs, {
    queueUrl: env.QUEUE_URL,
    deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
  });
  const announcer = createAnnouncer({
    files: createS3Files(parts.s3),
    records: createS3Records(parts.s3, env.ANNOUNCEMENTS_BUCKET),
    carrier,
    queue,
    report,
    maxFileBytes: Number(env.MAX_FILE_BYTES),
    defaultTarget: parseTarget(env.DEFAULT_TARGET ?? ""),
    now,
  });
  return createHandler(
    (message, signal) => processMessage({ announcer, queue, report, random }, message, signal),
    parts.logger,
  );
}
