import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { type DeadLetter, readDeadLetter } from "./dead-letter.ts";
import type { FileQueues } from "./file-queues.ts";

/** SQS's bound on a batch. */
const BATCH = 10;
/** Seconds that what is looked at stays hidden, if it cannot be given back at once: no message is met twice meanwhile. */
const HIDDEN_SECONDS = 30;
/** With no waiting at all SQS asks only some of its servers, and a queue may look empty. */
const WAIT_SECONDS = 2;

/**
 * Looks at dead letters and leaves them where they are. SQS shows a message by handing it out, so each is given back once all were seen; the
 * queue has no consumer and counts no receives.
 *
 * @param most how many at the most
 */
export async function peekDeadLetters(
  queues: FileQueues,
  most: number,
  signal: AbortSignal,
): Promise<DeadLetter[]> {
  const { client, deadLetterQueueUrl: QueueUrl } = queues;
  const seen = new Map<string, Message>();
  try {
    while (seen.size < most) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(BATCH, most - seen.size),
          VisibilityTimeout: HIDDEN_SECONDS,
          WaitTimeSeconds: WAIT_SECONDS,
          MessageAttributeNames: ["reason"],
        }),
        { abortSignal: signal },
      );
      if (Messages.length === 0) break;
      for (const message of Messages) seen.set(message.MessageId ?? "", message);
    }
  } finally {
    await giveBack(queues, [...seen.values()]);
  }
  return [...seen.values()].map(({ Body, MessageAttributes }) =>
    readDeadLetter(Body, MessageAttributes?.reason?.StringValue),
  );
}

/** Also after Ctrl-C, and as well as it can: without it they are hidden for half a minute. */
async function giveBack({ client, deadLetterQueueUrl }: FileQueues, messages: Message[]): Promise<void> {
  for (let at = 0; at < messages.length; at += BATCH) {
    const Entries = messages
      .slice(at, at + BATCH)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: deadLetterQueueUrl, Entries });
    await client.send(command).catch(() => undefined);
  }
}
