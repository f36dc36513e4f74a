import { findDeployment } from "../../cloud/find-deployment.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { DeadLetter } from "../../cloud/queues/dead-letter.ts";
import { countMessages, type FileQueues, openFileQueues } from "../../cloud/queues/file-queues.ts";
import { moveDeadLetters } from "../../cloud/queues/move-dead-letters.ts";
import { peekDeadLetters } from "../../cloud/queues/peek-dead-letters.ts";
import { type Ended, MOST_NAMED, watchMoved } from "../../cloud/queues/redrive.ts";
import { receiptsOfThings } from "../../words/receipts-of-things.ts";
import type { CliContext } from "../context.ts";
import { formatTable, printJson, say } from "../terminal/print.ts";
import type { RedriveFlags } from "./flags.ts";
import { redriveReceipts } from "./redrive-receipts.ts";

export async function runRedrive(this: CliContext, flags: RedriveFlags): Promise<void> {
  const deployment = await findDeployment(flags, this);
  const ofThings = await redriveReceipts(this, deployment, flags.dryRun === true);
  const receipts = ofThings && { receipts: ofThings };
  using queues = openFileQueues(deployment);
  const { visible: waiting } = await countMessages(queues, queues.deadLetterQueueUrl, this.signal);
  if (waiting === 0) {
    if (!ofThings?.waiting) say(this, "there are no dead letters");
    if (flags.json) printJson(this, { waiting, moved: 0, ...receipts });
    return complain(notTaken(ofThings?.failed, receiptsOfThings));
  }
  if (flags.dryRun) {
    const letters = await peekDeadLetters(queues, MOST_NAMED, this.signal);
    if (!flags.json) name(this, letters);
    say(this, `would move ${waiting} dead letters to the queue`);
    if (flags.json) printJson(this, { waiting, moved: 0, deadLetters: letters, ...receipts });
    return;
  }
  const { moved, failed } = await moveDeadLetters(queues, waiting, this.signal, (so) =>
    say(this, `moved ${so} of ${waiting}`),
  );
  const ended = flags.wait === 0 ? undefined : await endOf(this, queues, flags.wait, { moved, waiting });
  if (flags.json) printJson(this, { waiting, moved, ...ended, ...receipts });
  complain([
    ...notTaken(ofThings?.failed, receiptsOfThings),
    ...notTaken(failed, (count) => `${count} of them`),
    ...((ended?.cameBack ?? 0) > 0
      ? [`${ended?.cameBack} came back: mend what is said of them, and run noteferry redrive again`]
      : []),
  ]);
}

function notTaken(count: number | undefined, words: (count: number) => string): string[] {
  return count ? [`SQS did not take ${words(count)}: they stay dead letters`] : [];
}

/** @throws {OperatorError} if there is anything to say */
function complain([sentence, ...lines]: readonly string[]): void {
  if (sentence !== undefined) throw new OperatorError("fault", sentence, { lines });
}

async function endOf(
  context: CliContext,
  queues: FileQueues,
  seconds: number,
  counts: { moved: number; waiting: number },
): Promise<Ended> {
  say(context, `watching them for at most ${seconds} s: Ctrl-C ends that, and nothing else`);
  const tell = (sentence: string) => say(context, sentence);
  const ended = await watchMoved(queues, seconds, counts, tell, context.signal);
  if (ended.cameBack > 0) name(context, ended.deadLetters);
  return ended;
}

function name({ process }: CliContext, letters: readonly DeadLetter[]): void {
  const rows = letters.map(({ keys, device, fleet, reason }) => [
    keys.join(", ") || (fleet === undefined ? "(none that can be read)" : `(the manifest of ${fleet})`),
    device ?? "",
    reason ?? "tried for ten days",
  ]);
  process.stdout.write(formatTable(process.stdout, ["KEY", "DEVICE", "REASON"], rows));
}
