import type { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createAuthorization } from "./authorization/authorization.ts";
import { readTokenSecret } from "./authorization/token-secret.ts";
import { createDynamoDbTable } from "./aws/dynamodb-table.ts";
import type { DeliveryRecorderEnv } from "./env.ts";
import { createHandler, type Handler } from "./handler.ts";
import { createRecordReport } from "./record/record-report.ts";
import type { Tell } from "./reporter.ts";

/** What the recorder has around it. */
export type Surroundings = {
  env: DeliveryRecorderEnv;
  dynamodb: DynamoDBClient;
  secrets: SecretsManagerClient;
  logger: Logger;
  report: Tell;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** Joins the adapters and the flow to the handler of one execution environment. */
export function composeDeliveryRecorder({
  env,
  dynamodb,
  secrets,
  logger,
  report,
  now,
}: Surroundings): Handler {
  return createHandler({
    authorize: createAuthorization({ read: () => readTokenSecret(secrets, env.TOKEN_SECRET_ARN), now }),
    record: createRecordReport(createDynamoDbTable(dynamodb, env.DELIVERY_TABLE)),
    tell: report,
    logger,
    now,
  });
}
