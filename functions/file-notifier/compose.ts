import type { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { parseTarget } from "../../protocol/target.ts";
import { createAnnounceFile } from "./announce/announce-file.ts";
import { createAnnounceOnce } from "./announce/announce-once.ts";
import { createDeliveries } from "./aws/delivery-table.ts";
import { createS3Files } from "./aws/s3-files.ts";
import { createS3Packed } from "./aws/s3-packed.ts";
import { createS3Packings } from "./aws/s3-packings.ts";
import { createS3Records } from "./aws/s3-records.ts";
import { readSecret } from "./aws/secrets-manager.ts";
import { createSqsQueue } from "./aws/sqs-queue.ts";
import { createHttpExchange } from "./carrier/notehub/http-exchange.ts";
import { createNotehubCarrier } from "./carrier/notehub/notehub.ts";
import { createNotehubTokens } from "./carrier/notehub/notehub-tokens.ts";
import type { FileNotifierEnv } from "./env.ts";
import { createHandler, type Handler } from "./handler.ts";
import { createProcessMessage } from "./outcome/process-message.ts";
import { createPackVersion, type PackVersion } from "./pack/pack-version.ts";
import type { Report } from "./ports.ts";

/** What the notifier has around it: everything that tests put another thing in place of. */
export type Surroundings = {
  env: FileNotifierEnv;
  s3: S3Client;
  dynamodb: DynamoDBClient;
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

/** Joins the adapters and the flow to the handler of one execution environment. */
export function composeNotifier(surroundings: Surroundings): Handler {
  const { env, s3, sqs, secrets, logger, report, now, random } = surroundings;
  const maxFileBytes = Number(env.MAX_FILE_BYTES);
  const url = env.NOTEHUB_URL;
  const exchange = createHttpExchange(surroundings.fetch, surroundings.notehubTimeoutMs ?? 10_000);
  const tokens = createNotehubTokens({
    exchange,
    url,
    readSecret: () => readSecret(secrets, env.NOTEHUB_SECRET_ARN),
    now,
  });
  const carrier = createNotehubCarrier({
    exchange,
    url,
    projectUid: env.NOTEHUB_PROJECT_UID,
    tokens,
    report,
    now,
    pageSize: surroundings.fleetPageSize,
  });
  const queue = createSqsQueue(sqs, {
    queueUrl: env.QUEUE_URL,
    deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
  });
  const announceOnce = createAnnounceOnce({
    files: createS3Files(s3),
    records: createS3Records(s3, env.ANNOUNCEMENTS_BUCKET),
    carrier,
    queue,
    deliveries: createDeliveries(surroundings.dynamodb, env.DELIVERY_TABLE),
    report,
    maxFileBytes,
    pack: composePacking(surroundings),
    now,
  });
  const defaultTarget = parseTarget(env.DEFAULT_TARGET ?? "");
  const announce = createAnnounceFile({ announceOnce, report, defaultTarget });
  return createHandler({
    processMessage: createProcessMessage({
      ...{ announce, queue, report, random },
      maxReceives: Number(env.MAX_RECEIVES),
    }),
    logger,
  });
}

function composePacking({ env, s3, report, now }: Surroundings): PackVersion | undefined {
  const bucket = env.PACKED_BUCKET;
  if (bucket === undefined) return undefined;
  const packed = createS3Packed(s3, bucket);
  const packings = createS3Packings(s3, bucket);
  return createPackVersion(
    { files: createS3Files(s3), packed, packings, report, now },
    {
      patchMaxBytes: Number(env.PATCH_MAX_BYTES ?? 0),
      zstdMaxBytes: Number(env.ZSTD_MAX_BYTES ?? 0),
      packMs: Number(env.PACK_SECONDS ?? 0) * 1000,
    },
  );
}
