import { countMessages, type FileQueues } from "../../cloud/queues/file-queues.ts";
import { moveDeadLetters } from "../../cloud/queues/move-dead-letters.ts";
import { peekDeadLetters } from "../../cloud/queues/peek-dead-letters.ts";
import { MOST_NAMED, watchMoved } from "../../cloud/queues/redrive.ts";
import type { DeadLettersView, RedriveLine } from "../api.ts";
import { type Exchange, problemOf, sendJson } from "../http/exchange.ts";
import { SAFE_HEADERS } from "../http/headers.ts";
import type { World } from "../world.ts";

/** Seconds that somebody is told what becomes of them. */
const WATCHED_SECONDS = 60;

/**
 * What is done about dead letters, one after the other: SQS shows a message by handing it out, and one that somebody looks at can neither be
 * seen nor moved meanwhile.
 */
export function createDeadLetters({ queues }: Pick<World, "queues">) {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.catch(() => undefined).then(work);
    last = done;
    return done;
  };
  return {
    /** Names them. This is asked for by a person, and never again by itself. */
    list: (exchange: Exchange) => inTurn(() => list(queues, exchange)),
    /** Moves them back to the queue, and tells what becomes of them, line by line. */
    redrive: (exchange: Exchange) => inTurn(() => redrive(queues, exchange)),
  };
}

async function list(queues: FileQueues, { response, signal }: Exchange): Promise<void> {
  const letters = await peekDeadLetters(queues, MOST_NAMED, signal);
  const { visible } = await countMessages(queues, queues.deadLetterQueueUrl, signal);
  const view: DeadLettersView = { waiting: Math.max(visible, letters.length), letters };
  sendJson(response, view);
}

async function redrive(queues: FileQueues, { response, signal }: Exchange): Promise<void> {
  signal.throwIfAborted();
  const { visible: waiting } = await countMessages(queues, queues.deadLetterQueueUrl, signal);
  response.writeHead(200, { ...SAFE_HEADERS, "content-type": "application/x-ndjson" });
  const tell = (line: RedriveLine) => void response.write(`${JSON.stringify(line)}\n`);
  const says = (sentence: string) => tell({ says: sentence });
  if (waiting === 0) says("there are none any more");
  try {
    const { moved, failed } = await moveDeadLetters(queues, waiting, signal, (so) =>
      says(`moved ${so} of ${waiting}`),
    );
    if (failed > 0) says(`SQS did not take ${failed} of them: they stay dead letters`);
    const { left, stillTried, cameBack } = await watchMoved(
      queues,
      WATCHED_SECONDS,
      { moved, waiting },
      says,
      signal,
    );
    tell({ done: { left, stillTried, cameBack } });
  } catch (error) {
    if (signal.aborted) return;
    const { problem, mayPass = false } = problemOf(error);
    tell({ problem, mayPass });
  }
  response.end();
}
