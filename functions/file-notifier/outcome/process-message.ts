import { type FileTask, type FleetTask, parseMessage, type Task } from "../message/message.ts";
import type { Attempt, Queue, Report } from "../ports.ts";
import { retrySeconds } from "./backoff.ts";
import { explain } from "./explain.ts";
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
 * @param maxReceives after so many, SQS puts a message among the dead letters
 * @throws {RetryLater} (the function) when SQS shall deliver the message again. What was done is on record, and skipped
 * then.
 */
export function createProcessMessage({
  announce,
  serveFleet,
  queue,
  report,
  random,
  maxReceives,
}: {
  announce: (task: FileTask, attempt: Attempt) => Promise<void>;
  serveFleet: (task: FleetTask, attempt: Attempt) => Promise<void>;
  queue: Queue;
  report: Report;
  random: () => number;
  maxReceives: number;
}): ProcessMessage {
  return async function processMessage(message, signal) {
    const failures: Failure[] = [];
    const attempt = { signal, isLast: message.receives >= maxReceives };
    await Promise.all(
      parseMessage(message.body).map(async (task) => {
        try {
          await perform(task, attempt);
        } catch (error) {
          failures.push({ task, error });
        }
      }),
    );
    if (failures.length > 0) await retryLater(message, failures, signal);
  };

  async function perform(task: Task, attempt: Attempt): Promise<void> {
    if (task.kind === "ignored") return report({ message: "ignored", reason: task.why });
    if (task.kind === "unreadable") return bury(task.body, task.reason);
    try {
      attempt.signal.throwIfAborted();
      if (task.kind === "changed" || task.kind === "announce") await announce(task, attempt);
      else await serveFleet(task, attempt);
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
  if ("ask" in task) return "key" in task.ask ? task.ask.key : undefined;
  return "version" in task ? task.version.key : undefined;
}
