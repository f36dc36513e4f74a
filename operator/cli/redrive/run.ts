import { findDeployment } from "../../cloud/find-deployment.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { countMessages, openFileQueues } from "../../cloud/queues/file-queues.ts";
import { moveDeadLetters } from "../../cloud/queues/move-dead-letters.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import type { RedriveFlags } from "./flags.ts";

export async function runRedrive(this: CliContext, flags: RedriveFlags): Promise<void> {
  using queues = openFileQueues(await findDeployment(flags, this));
  const waiting = await countMessages(queues, queues.deadLetterQueueUrl, this.signal);
  if (flags.dryRun || waiting === 0) {
    say(
      this,
      waiting === 0 ? "there are no dead letters" : `would move ${waiting} dead letters to the queue`,
    );
    if (flags.json) printJson(this, { waiting, moved: 0 });
    return;
  }
  const { moved, failed } = await moveDeadLetters(queues, waiting, this.signal, (so) =>
    say(this, `moved ${so} of ${waiting}`),
  );
  if (flags.json) printJson(this, { waiting, moved });
  if (failed > 0)
    throw new OperatorError("fault", `SQS did not take ${failed} of them: they stay dead letters`);
}
