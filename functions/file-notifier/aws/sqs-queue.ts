import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { FleetQueue } from "../fleet/ports.ts";
import { formatDeviceMessage } from "../message/device-message.ts";
import { formatFleetMessage } from "../message/fleet-message.ts";
import type { Queue } from "../ports.ts";

/** SQS's bound on a batch. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const BATCH = 10;
const BATCHES_AT_ONCE = 8;
/** A batch can fail in part: what failed is sent this many times before the whole is given up. */
const SENDS = 3;

export function createSqsQueue(
  sqs: SQSClient,
  { queueUrl, deadLetterQueueUrl }: { queueUrl: string; deadLetterQueueUrl: string },
): Queue & FleetQueue {
  return {
    sendToDevices: (messages, signal) => sendAll(messages.map(formatDeviceMessage), 0, signal),

    send: (messages, delaySeconds, signal) => sendAll(messages.map(formatFleetMessage), delaySeconds, signal),

    async postpone(receiptHandle, seconds) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
        { abortSignal: AbortSignal.timeout(5_000) }, // it is the last thing before the function's time is up
      );
    },

    async bury(body, reason) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: deadLetterQueueUrl,
          MessageBody: body,
          MessageAttributes: { reason: { DataType: "String", StringValue: attributeText(reason) } },
        }),
      );
    },
  };

  async function sendAll(
    bodies: readonly string[],
    delaySeconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    const batches: string[][] = [];
    for (let i = 0; i < bodies.length; i += BATCH) batches.push(bodies.slice(i, i + BATCH));
    const next = batches.values(); // shared, so each batch is taken once
    const sender = async () => {
      for (const batch of next) await sendBatch(batch, delaySeconds, signal);
    };
    await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, sender));
  }

  async function sendBatch(
    batch: readonly string[],
    delaySeconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    let entries = batch.map((MessageBody, i) => ({
      ...{ Id: String(i), MessageBody },
      ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
    }));
    for (let sends = 0; sends < SENDS; sends += 1) {
      const reply = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }), {
        abortSignal: signal,
      });
      const failed = new Set(reply.Failed?.map(({ Id }) => Id));
      entries = entries.filter(({ Id }) => failed.has(Id));
      if (entries.length === 0) return;
    }
    throw new Error(`SQS did not take ${entries.length} of ${batch.length} messages`);
  }
}

/** SQS refuses control characters; a reason may quote what somebody else wrote. */
function attributeText(reason: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  const safe = reason.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, " ");
  return safe.slice(0, 1000).toWellFormed() || "unknown";
}
