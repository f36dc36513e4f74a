import { outputOf } from "../../cloud/deployment.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { openFileQueues } from "../../cloud/queues/file-queues.ts";
import { tellNotifier } from "../../cloud/queues/tell-notifier.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import type { WithJson } from "../where.ts";

export async function runSweep(this: CliContext, flags: WithJson): Promise<void> {
  const deployment = await findDeployment(flags, this);
  outputOf(deployment, "AnnouncementsBucketName"); // an older notifier would take the message for a dead letter
  using queues = openFileQueues(deployment);
  await tellNotifier(queues, { sweep: {} }, this.signal);
  say(
    this,
    "the notifier is asked to compare the bucket with what fleets were told, a page of 1,000 keys at a time, and to announce what differs: noteferry status <fleet> shows what waits",
  );
  if (flags.json) printJson(this, { asked: true });
}
