import { setTimeout as delay } from "node:timers/promises";
import type { ReceivedMessage } from "../sqs/message.ts";
import type { LocalQueue } from "../sqs/queue.ts";
import type { LocalFunction } from "./function.ts";
import { createSemaphore } from "./semaphore.ts";
import { readBatchResponse, toSqsEvent } from "./sqs-event.ts";

/** As long as SQS lets a receive wait. */
const WAIT_SECONDS = 20;
/** Pollers that Lambda starts with; https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const DEFAULT_CONCURRENCY = 5;
const FAULT_PAUSE_MS = 1000;
const STOP_LIMIT_MS = 5000;

export type EventSourceMapping = {
  /** Takes no further messages and waits for the batches that run, at most `limitMs` (5 seconds). */
  stop(limitMs?: number): Promise<void>;
};

/**
 * Feeds a queue to a function, as Lambda's pollers do. What the function handled is deleted; a message that it
 * reported, or whose whole batch failed, stays in flight until its visibility time-out and is delivered again.
 *
 * `maximumConcurrency` should not exceed the function's own: a batch that waits for an environment is in flight.
 */
export function startEventSourceMapping(options: {
  queue: LocalQueue;
  target: LocalFunction;
  batchSize: number;
  reportBatchItemFailures: boolean;
  maximumConcurrency?: number | undefined;
  onLog?: (line: string) => void;
}): EventSourceMapping {
  const { queue, target } = options;
  const pollers = createSemaphore(options.maximumConcurrency ?? DEFAULT_CONCURRENCY);
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = new Set<Promise<void>>();
  const log = (sentence: string) => options.onLog?.(`${queue.settings.name} to ${target.name}: ${sentence}`);

  async function handle(messages: ReceivedMessage[]): Promise<void> {
    const result = await target.invoke(toSqsEvent(messages, queue.settings.arn), signal);
    if (result.kind !== "ok") return;
    const ids = new Set(messages.map(({ messageId }) => messageId));
    const failed = options.reportBatchItemFailures
      ? readBatchResponse(result.payload, ids)
      : new Set<string>();
    if (failed === undefined) return log("its batch response is not valid, so the whole batch failed");
    for (const message of messages) if (!failed.has(message.messageId)) queue.delete(message.receiptHandle);
  }

  async function pollOnce(): Promise<void> {
    const release = await pollers.acquire(signal);
    let messages: ReceivedMessage[] = [];
    try {
      messages = await queue.receive({ max: options.batchSize, waitSeconds: WAIT_SECONDS, signal });
    } finally {
      if (messages.length === 0) release();
    }
    if (messages.length === 0) return;
    const batch = handle(messages)
      .catch((error: unknown) => log(`the batch was not handled: ${error}`))
      .then(() => {
        release();
        running.delete(batch);
      });
    running.add(batch);
  }

  async function poll(): Promise<void> {
    while (!signal.aborted) {
      try {
        await pollOnce();
      } catch (error) {
        if (signal.aborted) return;
        log(String(error));
        await delay(FAULT_PAUSE_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  const polling = poll();
  return {
    async stop(limitMs = STOP_LIMIT_MS) {
      stopping.abort();
      await polling;
      const limit = new AbortController();
      const bounded = delay(limitMs, undefined, { signal: limit.signal }).catch(() => {});
      await Promise.race([Promise.all(running), bounded]);
      limit.abort();
    },
  };
}
