import type { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Context, SQSBatchResponse } from "aws-lambda";
import { createAuthorization } from "./authorization/authorization.ts";
import { readTokenSecret } from "./authorization/token-secret.ts";
import { createDynamoDbTable } from "./aws/dynamodb-table.ts";
import type { DeliveryRecorderEnv } from "./env.ts";
import { isMappingEvent } from "./event/queue-event.ts";
import { createHandler, type Reply } from "./handler.ts";
import { createQueueHandler } from "./queue-handler.ts";
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

/** Takes what Notehub posts, and what the queue of things hands on. */
export type Recorder = (event: unknown, context: Context) => Promise<Reply | SQSBatchResponse>;

/** Joins the adapters and the flow to the handler of one execution environment. */
export function composeDeliveryRecorder({
  env,
  dynamodb,
  secrets,
  logger,
  report,
  now,
}: Surroundings): Recorder {
  const flow = {
    record: createRecordReport(createDynamoDbTable(dynamodb, env.DELIVERY_TABLE)),
    ...{ tell: report, logger, now },
  };
  const authorize = createAuthorization({ read: () => readTokenSecret(secrets, env.TOKEN_SECRET_ARN), now });
  const post = createHandler({ ...flow, authorize });
  const takeBatch = createQueueHandler(flow);
  return (event, context) => (isMappingEvent(event) ? takeBatch(event, context) : post(event, context));
}
