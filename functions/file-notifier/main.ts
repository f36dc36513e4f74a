import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Jobs } from "./carrier/iot/jobs.ts";
import { composeNotifier } from "./compose.ts";
import { type FileNotifierEnv, readFileNotifierEnv } from "./env.ts";
import type { Handler } from "./handler.ts";
import { createReporter } from "./outcome/reporter.ts";

/** Without these an AWS call that hangs would hold the whole batch until the function's time is up. */
export const REQUEST_LIMITS = {
  connectionTimeout: 3_000,
  requestTimeout: 10_000, // until the head of the reply
  throwOnRequestTimeout: true,
  socketTimeout: 10_000, // between two pieces of a body
};

/**
 * Builds the handler of this execution environment.
 *
 * @param createJobs of a bundle that reaches things: the others do without AWS IoT's client
 */
export function createNotifier(env: NodeJS.ProcessEnv, createJobs?: (env: FileNotifierEnv) => Jobs): Handler {
  const logger = new Logger();
  const read = readFileNotifierEnv(env);
  return composeNotifier({
    env: read,
    jobs: createJobs?.(read),
    s3: new S3Client({
      requestHandler: REQUEST_LIMITS,
      forcePathStyle: env.AWS_ENDPOINT_URL_S3 !== undefined, // one host name stands for all buckets
      responseChecksumValidation: "WHEN_REQUIRED", // a second pass over bytes that are hashed anyway
    }),
    dynamodb: new DynamoDBClient({ requestHandler: REQUEST_LIMITS }),
    sqs: new SQSClient({ requestHandler: REQUEST_LIMITS, useQueueUrlAsEndpoint: false }), // it would override the configured endpoint
    secrets: new SecretsManagerClient({ requestHandler: REQUEST_LIMITS }),
    fetch: globalThis.fetch,
    logger,
    report: createReporter(logger, new Metrics()),
    now: Date.now,
    random: Math.random,
  });
}
