import * as v from "valibot";

/** What an event source mapping hands on of a queue, as far as we read it. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const QueueEvent = v.object({
  Records: v.array(
    v.object({
      eventSource: v.literal("aws:sqs"),
      messageId: v.pipe(v.string(), v.nonEmpty()),
      body: v.string(),
    }),
  ),
});

export type QueuedMessage = { messageId: string; body: string };

/** Whether the event is of a mapping, such as a queue's. A function URL's has what the request was in members of its own. */
export function isMappingEvent(event: unknown): boolean {
  const { Records, requestContext } = Object(event);
  return Array.isArray(Records) && requestContext === undefined;
}

/** @throws {Error} for any other event: a batch that nobody understands must not count as done. */
export function readQueueEvent(event: unknown): QueuedMessage[] {
  const parsed = v.safeParse(QueueEvent, event);
  if (!parsed.success) throw new Error("the event is not a batch of an SQS queue");
  return parsed.output.Records;
}
