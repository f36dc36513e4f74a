import type { Deployment } from "../../cloud/deployment.ts";
import { countMessages } from "../../cloud/queues/file-queues.ts";
import { moveDeadLetters } from "../../cloud/queues/move-dead-letters.ts";
import { openReceiptQueues } from "../../cloud/queues/receipt-queues.ts";
import { receiptsOfThings } from "../../words/receipts-of-things.ts";
import type { CliContext } from "../context.ts";
import { say } from "../terminal/print.ts";

/** `failed`: SQS did not take so many. */
export type RedrivenReceipts = { waiting: number; moved: number; failed: number };

/**
 * Has the receipts of things that could not be recorded tried again. What comes of them `status` shows.
 *
 * @returns undefined where the deployment has no things.
 */
export async function redriveReceipts(
  context: CliContext,
  deployment: Deployment,
  dryRun: boolean,
): Promise<RedrivenReceipts | undefined> {
  using queues = openReceiptQueues(deployment);
  if (queues === undefined) return undefined;
  const { visible: waiting } = await countMessages(queues, queues.deadLetterQueueUrl, context.signal);
  if (waiting === 0) return { waiting, moved: 0, failed: 0 };
  if (dryRun) {
    say(context, `would move ${receiptsOfThings(waiting)} to the recorder's queue`);
    return { waiting, moved: 0, failed: 0 };
  }
  const { moved, failed } = await moveDeadLetters(queues, waiting, context.signal, () => undefined);
  say(
    context,
    `moved ${moved} of ${receiptsOfThings(waiting)} to the recorder's queue: what cannot be recorded is tried for two days, and its log says why`,
  );
  return { waiting, moved, failed };
}
