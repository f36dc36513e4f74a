import { countMessages } from "../../cloud/queues/file-queues.ts";
import { moveDeadLetters } from "../../cloud/queues/move-dead-letters.ts";
import { peekDeadLetters } from "../../cloud/queues/peek-dead-letters.ts";
import { MOST_NAMED, watchMoved } from "../../cloud/queues/redrive.ts";
import type { DeadLettersView, RedriveLine } from "../api.ts";
import { type Exchange, problemOf, sendJson } from "../http/exchange.ts";
import { SAFE_HEADERS } from "../http/headers.ts";
import type { World } from "../world.ts";

/** Seconds that somebody is told what becomes of them. */
const WATCHED_SECONDS = 60;

/** Names the dead letters. SQS shows a message by handing it out, so this is asked for by a person, and never again by itself. */
export async function listDeadLetters({ queues }: Pick<World, "queues">, exchange: Exchange): Promise<void> {
  const { response, signal } = exchange;
  const letters = await peekDeadLetters(queues, MOST_NAMED, signal);
  const { visible } = await countMessages(queues, queues.deadLetterQueueUrl, signal);
  const view: DeadLettersView = { waiting: Math.max(visible, letters.length), letters };
  sendJson(response, view);
}

/** Moves them back to the queue, and tells what becomes of them, line by line. */
export async function redrive(
  { queues }: Pick<World, "queues">,
  { response, signal }: Exchange,
): Promise<void> {
  const { visible: waiting } = await countMessages(queues, queues.deadLetterQueueUrl, signal);
  response.writeHead(200, { ...SAFE_HEADERS, "content-type": "application/x-ndjson" });
  const tell = (line: RedriveLine) => void response.write(`${JSON.stringify(line)}\n`);
  const says = (sentence: string) => tell({ says: sentence });
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
