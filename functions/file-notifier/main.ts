import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { composeNotifier } from "./compose.ts";
import { readFileNotifierEnv } from "./env.ts";
import type { Handler } from "./handler.ts";
import { createReporter } from "./outcome/reporter.ts";

/** Without these an AWS call that hangs would hold the whole batch until the function's time is up. */
const requestHandler = {
  connectionTimeout: 3_000,
  requestTimeout: 10_000, // until the head of the reply
  throwOnRequestTimeout: true,
  socketTimeout: 10_000, // between two pieces of a body
};

/** Builds the handler of this execution environment. */
export function createNotifier(env: NodeJS.ProcessEnv): Handler {
  const logger = new Logger();
  return composeNotifier({
    env: readFileNotifierEnv(env),
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
