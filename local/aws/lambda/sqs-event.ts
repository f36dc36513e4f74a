import * as v from "valibot";
import {
  type MessageAttributes,
  md5OfAttributes,
  md5OfBody,
  type ReceivedMessage,
  SENDER_ID,
} from "../sqs/message.ts";

export type SqsEvent = { Records: SqsRecord[] };

type SqsRecord = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string | undefined>;
  messageAttributes: Record<string, SqsRecordAttribute>;
  md5OfBody: string;
  md5OfMessageAttributes: string | undefined;
  eventSource: "aws:sqs";
  eventSourceARN: string;
  awsRegion: string;
};

type SqsRecordAttribute = {
  stringValue: string | undefined;
  binaryValue: string | undefined;
  stringListValues: never[];
  binaryListValues: never[];
  dataType: string;
};

/**
 * The event of a batch. Members that are undefined are not in its JSON.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function toSqsEvent(messages: readonly ReceivedMessage[], queueArn: string): SqsEvent {
  const [, , , awsRegion = ""] = queueArn.split(":");
  return {
    Records: messages.map((message) => {
      return {
        messageId: message.messageId,
        receiptHandle: message.receiptHandle,
        body: message.body,
        attributes: {
          ApproximateReceiveCount: String(message.receiveCount),
          SentTimestamp: String(message.sentTimestamp),
          SenderId: SENDER_ID,
          ApproximateFirstReceiveTimestamp: String(message.firstReceiveTimestamp),
          DeadLetterQueueSourceArn: message.deadLetterQueueSourceArn,
        },
        messageAttributes: toRecordAttributes(message.attributes),
        md5OfBody: md5OfBody(message.body),
        md5OfMessageAttributes: md5OfAttributes(message.attributes),
        eventSource: "aws:sqs",
        eventSourceARN: queueArn,
        awsRegion,
      };
    }),
  };
}

function toRecordAttributes(attributes: MessageAttributes): Record<string, SqsRecordAttribute> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        stringValue: StringValue,
        binaryValue: BinaryValue,
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ]),
  );
}

const BatchResponse = v.nullish(
  v.object({
    batchItemFailures: v.nullish(v.array(v.object({ itemIdentifier: v.pipe(v.string(), v.nonEmpty()) }))),
  }),
);

/**
 * The ids of the messages that a function reports as failed.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 *
 * @returns undefined if the whole batch failed: a response of another form, or an id that is not of this batch.
 */
export function readBatchResponse(
  payload: unknown,
  messageIds: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const parsed = v.safeParse(BatchResponse, payload);
  if (!parsed.success) return undefined;
  const failures = (parsed.output?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  return failures.every((id) => messageIds.has(id)) ? new Set(failures) : undefined;
}
