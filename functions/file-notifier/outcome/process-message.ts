import { type FileTask, parseMessage, type Task } from "../message/message.ts";
import type { Queue, Report } from "../ports.ts";
import { retrySeconds } from "./backoff.ts";
import { RetryLater } from "./retry-later.ts";
import { Undeliverable } from "./undeliverable.ts";

/** A message as SQS delivers it. `receives` counts its deliveries, from 1. */
export type QueueMessage = { body: string; receiptHandle: string; receives: number };

export type ProcessMessage = (message: QueueMessage, signal: AbortSignal) => Promise<void>;

/** One part of a message that must be tried again, and why. */
type Failure = { task: Task; error: unknown };

/**
 * Makes the function that does all that a message asks for; the parts of a message do not wait for each other.
 *
 * @param random from 0 to below 1
 * @throws {RetryLater} (the function) when SQS shall deliver the message again. What was done is on record, and skipped
 * then.
 */
export function createProcessMessage({
  announce,
  queue,
  report,
  random,
}: {
  announce: (task: FileTask, signal: AbortSignal) => Promise<void>;
  queue: Queue;
  report: Report;
  random: () => number;
}): ProcessMessage {
  return async function processMessage(message, signal) {
    const failures: Failure[] = [];
    await Promise.all(
      parseMessage(message.body).map(async (task) => {
        try {
          await perform(task, signal);
        } catch (error) {
          failures.push({ task, error });
        }
      }),
    );
    if (failures.length > 0) await retryLater(message, failures, signal);
  };

  async function perform(task: Task, signal: AbortSignal): Promise<void> {
    if (task.kind === "ignored") return report({ message: "ignored", reason: task.why });
    if (task.kind === "unreadable") return bury(task.body, task.reason);
    try {
      signal.throwIfAborted();
      await announce(task, signal);
    } catch (error) {
      if (!(error instanceof Undeliverable)) throw error;
      await bury(task.body, error.message, keyOf(task)); // [NF-8.5]
    }
  }

  async function bury(body: string, reason: string, key?: string): Promise<void> {
    await queue.bury(body, reason);
    report({ message: "dead-lettered", reason, key });
  }

  /** Hides the message until the last of its parts may be tried again. [NF-8.5] */
  async function retryLater(
    message: QueueMessage,
    failures: readonly Failure[],
    signal: AbortSignal,
  ): Promise<never> {
    const asked = failures.map(({ error }) => (error instanceof RetryLater ? error.seconds : undefined));
    const seconds = Math.max(...asked.map((each) => retrySeconds(message.receives, each, random)));
    for (const { task, error } of failures) {
      const key = keyOf(task);
      report({ message: "retrying", key, ...explain(error, signal), seconds });
    }
    try {
      await queue.postpone(message.receiptHandle, seconds);
    } catch (error) {
      report({ message: "postpone-failed", detail: explain(error, signal).detail }); // it shows again by itself
    }
    throw new RetryLater("batch-item", "SQS delivers the message again", { fate: "unsent", seconds });
  }
}

function keyOf(task: Task): string | undefined {
  if (task.kind === "changed") return task.change.key;
  return "version" in task ? task.version.key : undefined;
}

/** Never the error itself: an SDK's error may carry what must not be logged. */
function explain(error: unknown, signal: AbortSignal): { reason: string; detail: string } {
  if (!(error instanceof Error)) return { reason: "unknown", detail: String(error) };
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  const detail = `${error.message}${cause}`;
  if (error instanceof RetryLater) return { reason: error.reason, detail };
  if (signal.aborted) return { reason: "out-of-time", detail: "the function's time is nearly up" };
  return { reason: "code" in error ? String(error.code) : error.name, detail };
}
