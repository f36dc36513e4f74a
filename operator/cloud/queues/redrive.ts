import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetter } from "./dead-letter.ts";
import { countMessages, type FileQueues } from "./file-queues.ts";
import { follow, type Look, standingBy } from "./follow.ts";
import { peekDeadLetters } from "./peek-dead-letters.ts";

/** Dead letters that are named; there may be thousands. */
export const MOST_NAMED = 100;

/** What became of dead letters that were moved: left the queue, are still tried, or are dead letters again. */
export type Ended = { left: number; stillTried: number; cameBack: number; deadLetters: DeadLetter[] };

/**
 * Watches what becomes of dead letters that were moved back to the queue.
 *
 * @param waiting dead letters before any was moved
 * @param tell told in a sentence whenever there is something to say
 */
export async function watchMoved(
  queues: FileQueues,
  seconds: number,
  { moved, waiting }: { moved: number; waiting: number },
  tell: (sentence: string) => void,
  signal: AbortSignal,
): Promise<Ended> {
  const stayed = Math.max(0, waiting - moved);
  const followed = await follow(
    { moved, stayed, waitMs: seconds * 1000 },
    {
      look: () => look(queues, signal),
      tell,
      pause: (ms) => sleep(ms, undefined, { signal }),
      now: Date.now,
    },
  );
  // What can be received is certain; SQS's numbers may be a minute behind.
  const most = stayed + MOST_NAMED;
  const letters = await peekDeadLetters(queues, most, signal);
  const dead = letters.length < most ? letters.length : Math.max(most, stayed + followed.back);
  const standing = standingBy({ trying: followed.trying, dead }, moved, stayed);
  const left = moved - standing.trying - standing.back;
  tell(`${left} of ${moved} have left the queue: they were announced, or are no longer needed`);
  if (standing.trying > 0)
    tell(
      `about ${standing.trying} are still being tried, for up to ten days: the notifier's log says what for, noteferry doctor what is wrong`,
    );
  return { left, stillTried: standing.trying, cameBack: standing.back, deadLetters: letters };
}

async function look(queues: FileQueues, signal: AbortSignal): Promise<Look> {
  const [queue, dead] = await Promise.all([
    countMessages(queues, queues.queueUrl, signal),
    countMessages(queues, queues.deadLetterQueueUrl, signal),
  ]);
  return { trying: queue.visible + queue.hidden, dead: dead.visible + dead.hidden };
}
