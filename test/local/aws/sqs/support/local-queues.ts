import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { QueueSettings } from "../../../../../local/aws/sqs/queue.ts";
import { openQueues, type Queues } from "../../../../../local/aws/sqs/queues.ts";

/** A queue `work` that gives up after three receives, and its `dead-letters`. */
export const QUEUES: QueueSettings[] = ["work", "dead-letters"].map((name) => ({
  name,
  arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
  url: `https://localhost:4601/000000000000/${name}`,
  visibilityTimeoutSeconds: 30,
  retentionSeconds: 345_600,
  delaySeconds: 0,
  ...(name === "work"
    ? {
        redrive: {
          deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead-letters",
          maxReceiveCount: 3,
        },
      }
    : {}),
}));

/** A path for a queue file, whose folder is removed when the test has finished. */
export async function queueFile(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-queues-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return path.join(dir, "queues.sqlite");
}

/** Queues in a file of their own, closed when the test has finished. */
export async function localQueues(
  options: { timeScale?: number; clock?: () => number; queues?: QueueSettings[] } = {},
): Promise<Queues> {
  const queues = openQueues({ file: await queueFile(), queues: QUEUES, timeScale: 1, ...options });
  onTestFinished(() => queues.close());
  return queues;
}
