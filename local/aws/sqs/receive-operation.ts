import * as v from "valibot";
import type { Operations } from "../aws-json/operation.ts";
import {
  type MessageAttributes,
  md5OfAttributes,
  md5OfBody,
  type ReceivedMessage,
  SENDER_ID,
} from "./message.ts";
import { queueOperation } from "./queue-operation.ts";
import type { Queues } from "./queues.ts";

const integer = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const Names = v.optional(v.array(v.string()), []);

const ReceiveInput = v.object({
  MaxNumberOfMessages: v.optional(integer(1, 10), 1),
  VisibilityTimeout: v.optional(integer(0, 43_200)),
  WaitTimeSeconds: v.optional(integer(0, 20), 0),
  MessageAttributeNames: Names,
  MessageSystemAttributeNames: Names,
  /** The former name of the one above. */
  AttributeNames: Names,
});

export function receiveOperation(queues: Queues): Operations {
  return {
    "AmazonSQS.ReceiveMessage": queueOperation(
      queues,
      "ReceiveMessage",
      ReceiveInput,
      async (queue, input, signal) => {
        const messages = await queue.receive({
          max: input.MaxNumberOfMessages,
          waitSeconds: input.WaitTimeSeconds,
          visibilitySeconds: input.VisibilityTimeout,
          signal,
        });
        const systemNames = [...input.MessageSystemAttributeNames, ...input.AttributeNames];
        const Messages = messages.map((message) =>
          toMessage(message, systemNames, input.MessageAttributeNames),
        );
        return Messages.length === 0 ? {} : { Messages };
      },
    ),
  };
}

function toMessage(message: ReceivedMessage, systemNames: string[], attributeNames: string[]): object {
  const attributes = selectAttributes(message.attributes, attributeNames);
  const md5 = md5OfAttributes(attributes);
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => systemNames.includes("All") || systemNames.includes(name),
  );
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    ...(system.length === 0 ? {} : { Attributes: Object.fromEntries(system) }),
    ...(md5 === undefined ? {} : { MessageAttributes: attributes, MD5OfMessageAttributes: md5 }),
  };
}

/** `All`, `.*`, a name, or the beginning of names as `prefix.*`. */
function selectAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wanted = (name: string) =>
    names.some((pattern) =>
      pattern.endsWith(".*") ? name.startsWith(pattern.slice(0, -2)) : pattern === "All" || pattern === name,
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

function systemAttributes(message: ReceivedMessage): Record<string, string> {
  const source = message.deadLetterQueueSourceArn;
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentTimestamp),
    SenderId: SENDER_ID,
    ApproximateFirstReceiveTimestamp: String(message.firstReceiveTimestamp),
    ...(source === undefined ? {} : { DeadLetterQueueSourceArn: source }),
  };
}
