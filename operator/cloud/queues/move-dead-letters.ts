import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from "@aws-sdk/client-sqs";
import type { FileQueues } from "./file-queues.ts";

/** SQS's bound on a batch. */
const BATCH = 10;
/** Seconds that a received message stays hidden: ample for a batch, and soon over if this is interrupted. */
const HIDDEN_SECONDS = 60;
/** With no waiting at all SQS asks only some of its servers, and a queue may look empty. */
const WAIT_SECONDS = 2;

/**
 * Moves dead letters back to the queue that they came from. SQS's own StartMessageMoveTask would send those that the notifier put there itself
 * nowhere: they never were in a source queue. A message is deleted once it has been sent, so an interruption may double one, which
 * changes nothing: an event is only a reason to look. [NF-8.6]
 *
 * @param most how many at the most: those that come back at once are not moved again and again
 * @param onMoved told how many were moved by now
 * @returns how many were moved, and how many SQS did not take.
 */
export async function moveDeadLetters(
  queues: FileQueues,
  most: number,
  signal: AbortSignal,
  onMoved: (moved: number) => void,
): Promise<{ moved: number; failed: number }> {
  const { client, deadLetterQueueUrl } = queues;
  let moved = 0;
  let failed = 0;
  while (moved + failed < most) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: deadLetterQueueUrl,
        MaxNumberOfMessages: Math.min(BATCH, most - moved - failed),
        VisibilityTimeout: HIDDEN_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
      }),
      { abortSignal: signal },
    );
    if (Messages.length === 0) break;
    const sent = await moveBatch(queues, Messages, signal);
    moved += sent;
    failed += Messages.length - sent;
    onMoved(moved);
  }
  return { moved, failed };
}

/** The attribute `reason` stays behind: it tells of the last attempt. */
async function moveBatch(
  { client, queueUrl, deadLetterQueueUrl }: FileQueues,
  messages: readonly Message[],
  signal: AbortSignal,
): Promise<number> {
  const Entries = messages.map(({ Body }, index) => ({ Id: String(index), MessageBody: Body ?? "" }));
  const { Successful = [] } = await client.send(
    new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
    {
      abortSignal: signal,
    },
  );
  const sent = Successful.map(({ Id }) => ({ Id, ReceiptHandle: messages[Number(Id)]?.ReceiptHandle }));
  if (sent.length === 0) return 0;
  // Not with the signal: what has been sent is to be deleted, also after Ctrl-C.
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: deadLetterQueueUrl, Entries: sent }));
  return sent.length;
}
