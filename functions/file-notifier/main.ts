import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { REQUEST_LIMITS as requestHandler } from "./aws/request-limits.ts";
import type { Jobs } from "./carrier/iot/jobs.ts";
import { composeNotifier } from "./compose.ts";
import { type FileNotifierEnv, readFileNotifierEnv } from "./env.ts";
import type { Handler } from "./handler.ts";
import { createReporter } from "./outcome/reporter.ts";

/** Builds the handler of this execution environment. @param createJobs in a bundle that has AWS IoT's client */
export function createNotifier(env: NodeJS.ProcessEnv, createJobs?: (env: FileNotifierEnv) => Jobs): Handler {
  const logger = new Logger();
  const read = readFileNotifierEnv(env);
  return composeNotifier({
    env: read,
    jobs: createJobs?.(read),
    s3: new S3Client({
      requestHandler,
      forcePathStyle: env.AWS_ENDPOINT_URL_S3 !== undefined, // one host name stands for all buckets
      responseChecksumValidation: "WHEN_REQUIRED", // a second pass over bytes that are hashed anyway
    }),
    dynamodb: new DynamoDBClient({ requestHandler }),
    sqs: new SQSClient({ requestHandler, useQueueUrlAsEndpoint: false }), // it would override the configured endpoint
    secrets: new SecretsManagerClient({ requestHandler }),
    fetch: globalThis.fetch,
    logger,
    report: createReporter(logger, new Metrics()),
    now: Date.now,
    random: Math.random,
  });
}
