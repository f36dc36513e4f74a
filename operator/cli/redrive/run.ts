import { setTimeout as sleep } from "node:timers/promises";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { DeadLetter } from "../../cloud/queues/dead-letter.ts";
import { countMessages, type FileQueues, openFileQueues } from "../../cloud/queues/file-queues.ts";
import { moveDeadLetters } from "../../cloud/queues/move-dead-letters.ts";
import { peekDeadLetters } from "../../cloud/queues/peek-dead-letters.ts";
import type { CliContext } from "../context.ts";
import { formatTable, printJson, say } from "../terminal/print.ts";
import type { RedriveFlags } from "./flags.ts";
import { follow, type Look, standingBy } from "./follow.ts";

/** Dead letters that are named; there may be thousands. */
const MOST_NAMED = 100;

export async function runRedrive(this: CliContext, flags: RedriveFlags): Promise<void> {
  using queues = openFileQueues(await findDeployment(flags, this));
  const { visible: waiting } = await countMessages(queues, queues.deadLetterQueueUrl, this.signal);
  if (waiting === 0) {
    say(this, "there are no dead letters");
    if (flags.json) printJson(this, { waiting, moved: 0 });
    return;
  }
  if (flags.dryRun) {
    const letters = await peekDeadLetters(queues, MOST_NAMED, this.signal);
    if (!flags.json) name(this, letters);
    say(this, `would move ${waiting} dead letters to the queue`);
    if (flags.json) printJson(this, { waiting, moved: 0, deadLetters: letters });
    return;
  }
  const { moved, failed } = await moveDeadLetters(queues, waiting, this.signal, (so) =>
    say(this, `moved ${so} of ${waiting}`),
  );
  const ended = flags.wait === 0 ? undefined : await endOf(this, queues, flags.wait, { moved, waiting });
  if (flags.json) printJson(this, { waiting, moved, ...ended });
  const wrong = [
    ...(failed > 0 ? [`SQS did not take ${failed} of them: they stay dead letters`] : []),
    ...((ended?.cameBack ?? 0) > 0
      ? [`${ended?.cameBack} came back: mend what is said of them, and run noteferry redrive again`]
      : []),
  ];
  const [sentence, ...lines] = wrong;
  if (sentence !== undefined) throw new OperatorError("fault", sentence, { lines });
}

type Ended = { left: number; stillTried: number; cameBack: number; deadLetters: DeadLetter[] };

async function endOf(
  context: CliContext,
  queues: FileQueues,
  seconds: number,
  { moved, waiting }: { moved: number; waiting: number },
): Promise<Ended> {
  const { signal } = context;
  const stayed = Math.max(0, waiting - moved);
  say(context, `watching them for at most ${seconds} s: Ctrl-C ends that, and nothing else`);
  const followed = await follow(
    { moved, stayed, waitMs: seconds * 1000 },
    {
      look: () => look(queues, signal),
      tell: (sentence) => say(context, sentence),
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
  say(context, `${left} of ${moved} have left the queue: they were announced, or are no longer needed`);
  if (standing.trying > 0)
    say(
      context,
      `about ${standing.trying} are still being tried, for up to ten days: the notifier's log says what for, noteferry doctor what is wrong`,
    );
  if (standing.back > 0) name(context, letters);
  return { left, stillTried: standing.trying, cameBack: standing.back, deadLetters: letters };
}

async function look(queues: FileQueues, signal: AbortSignal): Promise<Look> {
  const [queue, dead] = await Promise.all([
    countMessages(queues, queues.queueUrl, signal),
    countMessages(queues, queues.deadLetterQueueUrl, signal),
  ]);
  return { trying: queue.visible + queue.hidden, dead: dead.visible + dead.hidden };
}

function name({ process }: CliContext, letters: readonly DeadLetter[]): void {
  const rows = letters.map(({ keys, device, fleet, reason }) => [
    keys.join(", ") || (fleet === undefined ? "(none that can be read)" : `(the manifest of ${fleet})`),
    device ?? "",
    reason ?? "tried for ten days",
  ]);
  process.stdout.write(formatTable(process.stdout, ["KEY", "DEVICE", "REASON"], rows));
}
