import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { Context, SQSBatchResponse } from "aws-lambda";
import { readQueueEvent } from "./event/queue-event.ts";
import { readRuleEvent } from "./event/rule-event.ts";
import type { RecordReport } from "./record/record-report.ts";
import type { Tell } from "./reporter.ts";

/** Kept back from the function's time-out for the reply: without it what was recorded would come again, too. */
const RESERVED_MS = 1_000;

export type QueueHandler = (event: unknown, context: Context) => Promise<SQSBatchResponse>;

/**
 * The Lambda handler behind the queue of AWS IoT's things. The messages of a batch do not wait for each other. What cannot be recorded now
 * comes again, and alone; what is no report never will be one, and is dropped. Only the role of the topic rule may send.
 */
export function createQueueHandler(flow: {
  record: RecordReport;
  tell: Tell;
  logger: Logger;
  now: () => number;
}): QueueHandler {
  const { tell } = flow;
  const handler = middy(async (event: unknown, context: Context): Promise<SQSBatchResponse> => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVED_MS));
    const failed = readQueueEvent(event).map(async ({ messageId, body }) =>
      (await isDone(body, signal)) ? [] : [{ itemIdentifier: messageId }],
    );
    return { batchItemFailures: (await Promise.all(failed)).flat() };
  });
  handler.use(injectLambdaContext(flow.logger, { resetKeys: true }));
  return (event, context) => handler(event, context);

  async function isDone(body: string, signal: AbortSignal): Promise<boolean> {
    const reading = readRuleEvent(body, flow.now());
    if (reading.kind === "unreadable") {
      tell({ message: "unreadable", reason: reading.reason });
      return true;
    }
    const { report } = reading;
    try {
      const recorded = await withinTime(flow.record(report, signal), signal);
      tell({ message: "recorded", report, ...recorded });
      return true;
    } catch (cause) {
      tell({ message: "put-off", reason: "a fault inside", device: report.device, cause });
      return false; // cut off, it goes on where it was when the message comes again
    }
  }
}

/** What does not look at the signal is not waited for. */
async function withinTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>();
  const end = () => over.reject(new Error("the function's time-out is near"));
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  return await Promise.race([work, over.promise]);
}
