import * as v from "valibot";
import type { Operations } from "../aws-json/operation.ts";
import { parseInput } from "../aws-json/parse-input.ts";
import { BatchInput, runBatch } from "./batch.ts";
import { MessageAttributeSchema, md5OfAttributes, md5OfBody, messageBytes } from "./message.ts";
import type { LocalQueue } from "./queue.ts";
import { queueOperation } from "./queue-operation.ts";
import type { Queues } from "./queues.ts";
import { sqsError } from "./sqs-errors.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_ATTRIBUTES = 10;

/** The characters that XML 1.0 has no way to write. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that SQS refuses
const UNSENDABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

const MessageInput = v.object({
  MessageBody: v.pipe(v.string(), v.nonEmpty()),
  DelaySeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(900))),
  MessageAttributes: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{1,256}$/)), MessageAttributeSchema),
    {},
  ),
});

type Message = v.InferOutput<typeof MessageInput>;

export function sendOperations(queues: Queues): Operations {
  return {
    "AmazonSQS.SendMessage": queueOperation(queues, "SendMessage", MessageInput, send),
    "AmazonSQS.SendMessageBatch": queueOperation(queues, "SendMessage", BatchInput, async (queue, input) => {
      if (input.Entries.reduce((bytes, entry) => bytes + entryBytes(entry), 0) > MAX_MESSAGE_BYTES) {
        throw sqsError("BatchRequestTooLong", `A batch has at most ${MAX_MESSAGE_BYTES} bytes.`);
      }
      return runBatch(input.Entries, (entry) => send(queue, parseInput(MessageInput, entry)));
    }),
  };
}

async function send(queue: LocalQueue, input: Message): Promise<object> {
  const { MessageBody, MessageAttributes, DelaySeconds } = input;
  if (UNSENDABLE.test(MessageBody)) {
    throw sqsError("InvalidMessageContents", "The message contains characters outside the allowed set.");
  }
  if (messageBytes(MessageBody, MessageAttributes) > MAX_MESSAGE_BYTES) {
    throw sqsError(
      "InvalidParameterValueException",
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`,
    );
  }
  if (Object.keys(MessageAttributes).length > MAX_ATTRIBUTES) {
    throw sqsError("InvalidParameterValueException", `A message has at most ${MAX_ATTRIBUTES} attributes.`);
  }
  const { messageId } = await queue.send(MessageBody, MessageAttributes, DelaySeconds);
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5OfBody(MessageBody),
    MD5OfMessageAttributes: md5OfAttributes(MessageAttributes),
  };
}

/** An entry that is no message counts as 0: it fails by itself. */
function entryBytes(entry: unknown): number {
  const parsed = v.safeParse(MessageInput, entry);
  return parsed.success ? messageBytes(parsed.output.MessageBody, parsed.output.MessageAttributes) : 0;
}
