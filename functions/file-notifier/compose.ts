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
import { createS3FleetStates } from "./aws/s3-fleet-states.ts";
import { createS3Listing } from "./aws/s3-listing.ts";
import { createS3Manifests } from "./aws/s3-manifests.ts";
import { createS3Pace } from "./aws/s3-pace.ts";
import { createS3Packed } from "./aws/s3-packed.ts";
import { createS3Packings } from "./aws/s3-packings.ts";
import { createS3Records } from "./aws/s3-records.ts";
import { readSecret } from "./aws/secrets-manager.ts";
import { createSqsQueue } from "./aws/sqs-queue.ts";
import type { Jobs } from "./carrier/iot/jobs.ts";
import { createTellByJob } from "./carrier/iot/tell-by-job.ts";
import { createCallNotehub } from "./carrier/notehub/call-notehub.ts";
import { createHttpExchange } from "./carrier/notehub/http-exchange.ts";
import { createNotehubCarrier } from "./carrier/notehub/notehub.ts";
import { createNotehubTokens } from "./carrier/notehub/notehub-tokens.ts";
import { createNotehubVariables } from "./carrier/notehub/notehub-variables.ts";
import type { FileNotifierEnv } from "./env.ts";
import { composeFleets } from "./fleet/compose-fleets.ts";
import type { Teller } from "./fleet/teller.ts";
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
  /** AWS IoT's, where the deployment reaches things. */
  jobs?: Jobs | undefined;
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
  const exchange = createHttpExchange(surroundings.fetch, surroundings.notehubTimeoutMs ?? 10_000);
  const url = env.NOTEHUB_URL;
  const readToken = () => readSecret(secrets, env.NOTEHUB_SECRET_ARN);
  const tokens = createNotehubTokens({ exchange, url, readSecret: readToken, now });
  const call = createCallNotehub({ exchange, url, projectUid: env.NOTEHUB_PROJECT_UID, tokens, now });
  const queue = createSqsQueue(sqs, {
    queueUrl: env.QUEUE_URL,
    deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
  });
  const defaultTarget = parseTarget(env.DEFAULT_TARGET ?? "");
  const ports = {
    files: createS3Files(s3),
    deliveries: createDeliveries(surroundings.dynamodb, env.DELIVERY_TABLE),
    maxFileBytes: Number(env.MAX_FILE_BYTES),
    pack: composePacking(surroundings),
    ...{ queue, report, now, defaultTarget },
  };
  const records = createS3Records(s3, env.ANNOUNCEMENTS_BUCKET);
  const announceOnce = createAnnounceOnce({
    ...{ ...ports, records },
    carrier: createNotehubCarrier({ call, report, pageSize: surroundings.fleetPageSize }),
  });
  const { tellFleet, serveFleet } = composeFleets({
    ...{ env, ports, announceOnce, records },
    states: createS3FleetStates(s3, env.ANNOUNCEMENTS_BUCKET),
    manifests: createS3Manifests(s3, env.PACKED_BUCKET),
    pace: createS3Pace(s3, env.ANNOUNCEMENTS_BUCKET),
    listing: createS3Listing(s3, env.FILES_BUCKET),
    variables: createNotehubVariables(call),
    tellByJob: composeTellByJob(surroundings),
  });
  return createHandler({
    processMessage: createProcessMessage({
      announce: createAnnounceFile({ announceOnce, tellFleet, report, defaultTarget }),
      ...{ serveFleet, queue, report, random },
      maxReceives: Number(env.MAX_RECEIVES),
    }),
    logger,
  });
}

function composeTellByJob({ env, secrets, report, jobs }: Surroundings): Teller | undefined {
  const { LINK_SECRET_ARN: arn, FILE_SERVER_URL: fileServer } = env;
  if (jobs === undefined) return undefined;
  if (arn === undefined || fileServer === undefined)
    throw new Error("things are reached with LINK_SECRET_ARN and FILE_SERVER_URL alone");
  return createTellByJob({ jobs, readSecret: () => readSecret(secrets, arn), fileServer, report });
}

function composePacking({ env, s3, report, now }: Surroundings): PackVersion | undefined {
  const bucket = env.PACKED_BUCKET;
  if (env.PACK_SECONDS === undefined) return undefined;
  const packed = createS3Packed(s3, bucket);
  const packings = createS3Packings(s3, bucket);
  return createPackVersion(
    { files: createS3Files(s3), packed, packings, report, now },
    {
      patchMaxBytes: Number(env.PATCH_MAX_BYTES ?? 0),
      zstdMaxBytes: Number(env.ZSTD_MAX_BYTES ?? 0),
      packMs: Number(env.PACK_SECONDS) * 1000,
    },
  );
}
