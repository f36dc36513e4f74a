import { createHash } from "node:crypto";
import * as v from "valibot";

/** As the SQS API carries it; `BinaryValue` is base64. */
export const MessageAttributeSchema = v.object({
  DataType: v.pipe(v.string(), v.regex(/^(String|Number|Binary)(\..+)?$/s), v.maxLength(256)),
  StringValue: v.optional(v.string()),
  BinaryValue: v.optional(v.pipe(v.string(), v.base64())),
});

export type MessageAttribute = v.InferOutput<typeof MessageAttributeSchema>;
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** What a queue file holds of a message's attributes. */
export const StoredAttributes = v.pipe(
  v.string(),
  v.parseJson(),
  v.record(v.string(), MessageAttributeSchema),
);

export type ReceivedMessage = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: MessageAttributes;
  /** Epoch milliseconds. */
  sentTimestamp: number;
  firstReceiveTimestamp: number;
  /** Counts this time too. */
  receiveCount: number;
  /** ARN of the queue that gave it up. */
  deadLetterQueueSourceArn?: string;
};

/** Whom SQS names as the sender: the id of a principal. */
export const SENDER_ID = "AIDALOCALSENDER000000";

export function md5OfBody(body: string): string {
  return createHash("md5").update(body).digest("hex");
}

/**
 * MD5 over name, type and value of each attribute in the order of the names, each preceded by its length; a byte
 * tells a string from binary.
 *
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 *
 * @returns undefined without attributes, as SQS leaves the member out.
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).toSorted(byBytes);
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const update = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    update(Buffer.from(name));
    update(Buffer.from(attribute.DataType));
    const binary = attribute.DataType.startsWith("Binary");
    hash.update(Buffer.from([binary ? 2 : 1]));
    update(
      binary ? Buffer.from(attribute.BinaryValue ?? "", "base64") : Buffer.from(attribute.StringValue ?? ""),
    );
  }
  return hash.digest("hex");
}

/** Bytes that count against the limit of a message: body, and name, type and value of each attribute. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue = "", BinaryValue = "" }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += Buffer.byteLength(BinaryValue, "base64");
  }
  return bytes;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
