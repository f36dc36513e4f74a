import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { ProcessMessage, QueueMessage } from "./outcome/process-message.ts";

/** Kept back for telling SQS when to retry, after the work was called off. */
const RESERVED_MS = 10_000;

export type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * The Lambda handler behind the queue. The messages of a batch do not wait for each other, and only
 * those whose work failed are delivered again.
 */
export function createHandler({
  processMessage,
  logger,
}: {
  processMessage: ProcessMessage;
  logger: Logger;
}): Handler {
  const handler = middy(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVED_MS));
    return await processPartialResponse(
      event,
      (record: SQSRecord) => processMessage(readRecord(record), signal),
      new BatchProcessor(EventType.SQS),
      { throwOnFullBatchFailure: false }, // an outage of Notehub is not an error of the function
    );
  });
  handler.use(injectLambdaContext(logger));
  return (event, context) => handler(event, context);
}

function readRecord({ body, receiptHandle, attributes }: SQSRecord): QueueMessage {
  return { body, receiptHandle, receives: Number(attributes.ApproximateReceiveCount) || 1 };
}
