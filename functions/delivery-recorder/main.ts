import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { composeDeliveryRecorder, type Recorder } from "./compose.ts";
import { readDeliveryRecorderEnv } from "./env.ts";
import { createReporter } from "./reporter.ts";

/** Notehub waits only so long for a reply, and sends again what had none. */
const requestHandler = { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true };

/** Builds the handler of this execution environment. */
export function createDeliveryRecorder(env: NodeJS.ProcessEnv): Recorder {
  const logger = new Logger();
  return composeDeliveryRecorder({
    env: readDeliveryRecorderEnv(env),
    dynamodb: new DynamoDBClient({ requestHandler }),
    secrets: new SecretsManagerClient({ requestHandler }),
    logger,
    report: createReporter(logger, new Metrics()),
    now: Date.now,
  });
}
