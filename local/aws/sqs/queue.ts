import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { createArrivals } from "./arrivals.ts";
import { type MessageAttributes, type ReceivedMessage, StoredAttributes } from "./message.ts";
import type { Depth, MessageStore, StoredMessage } from "./message-store.ts";

/** A queue as its template describes it; times in seconds, before they are divided by the time scale. */
export type QueueSettings = {
  name: string;
  arn: string;
  url?: string;
  visibilityTimeoutSeconds: number;
  retentionSeconds: number;
  delaySeconds: number;
  redrive?: { deadLetterTargetArn: string; maxReceiveCount: number } | undefined;
};

export type ReceiveOptions = {
  /** 1 to 10. */
  max?: number;
  /** Real seconds, whatever the time scale. */
  waitSeconds?: number;
  visibilitySeconds?: number | undefined;
  signal?: AbortSignal;
};

/** A standard queue; https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/ */
export type LocalQueue = {
  settings: QueueSettings;
  /** When it resolves the message is on the disk. */
  send(body: string, attributes?: MessageAttributes, delaySeconds?: number): Promise<{ messageId: string }>;
  /** Waits for the first message; an abort gives up the wait and returns none. */
  receive(options?: ReceiveOptions): Promise<ReceivedMessage[]>;
  /** @returns false for a receipt that is no longer the message's newest, or whose message is gone. */
  delete(receiptHandle: string): boolean;
  /** @returns false for such a receipt, and for a message that is visible again. */
  changeVisibility(receiptHandle: string, seconds: number): boolean;
  purge(): void;
  depth(): Depth;
  /** A message came from another queue. */
  arrived(): void;
  close(): void;
};

/** Longer timers of Node fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * INVARIANTS: a message is in one queue, handed out only while it is visible, and has one valid receipt: that of its
 * last receive. `receive_count` is written before the message is handed out, so a consumer that dies is counted.
 */
export function openQueue(options: {
  settings: QueueSettings;
  store: MessageStore;
  clock: () => number;
  timeScale: number;
  get(arn: string): LocalQueue;
}): LocalQueue {
  const { settings, store, clock } = options;
  const { name, redrive } = settings;
  const arrivals = createArrivals();
  const ms = (seconds: number) => Math.ceil((seconds * 1000) / options.timeScale);

  function takeVisible(max: number, visibilityMs: number): ReceivedMessage[] {
    const now = clock();
    store.expire(name, now - ms(settings.retentionSeconds));
    const taken: ReceivedMessage[] = [];
    while (taken.length < max) {
      const row = store.nextVisible(name, now);
      if (row === undefined) break;
      if (redrive !== undefined && row.receive_count >= redrive.maxReceiveCount) {
        const deadLetters = options.get(redrive.deadLetterTargetArn);
        store.bury(row.id, deadLetters.settings.name, settings.arn, now);
        deadLetters.arrived();
        continue;
      }
      const receipt = randomUUID();
      // At least a millisecond, or this loop would meet the message again.
      store.take(row.id, receipt, now + Math.max(1, visibilityMs), now);
      taken.push(received(row, receipt, now));
    }
    return taken;
  }

  async function receive(receiveOptions: ReceiveOptions = {}): Promise<ReceivedMessage[]> {
    const { max = 10, waitSeconds = 0, signal } = receiveOptions;
    const visibility = ms(receiveOptions.visibilitySeconds ?? settings.visibilityTimeoutSeconds);
    const until = Date.now() + waitSeconds * 1000;
    for (;;) {
      if (signal?.aborted || arrivals.closed()) return [];
      const taken = takeVisible(max, visibility);
      const left = until - Date.now();
      if (taken.length > 0 || left <= 0) return taken;
      const nextAt = store.firstVisible(name);
      const untilNext = nextAt === undefined ? left : Math.max(1, nextAt - clock());
      await arrivals.next(Math.min(left, untilNext, MAX_TIMER_MS), signal);
    }
  }

  return {
    settings,
    receive,
    async send(body, attributes = {}, delaySeconds = settings.delaySeconds) {
      const messageId = randomUUID();
      const sentAt = clock();
      const visibleAt = sentAt + ms(delaySeconds);
      store.insert(name, { messageId, body, attributes: JSON.stringify(attributes), sentAt, visibleAt });
      arrivals.announce();
      return { messageId };
    },
    delete: (receiptHandle) => store.remove(name, receiptHandle),
    changeVisibility(receiptHandle, seconds) {
      const now = clock();
      const changed = store.setVisible(name, receiptHandle, now + ms(seconds), now);
      if (changed) arrivals.announce();
      return changed;
    },
    purge: () => store.purge(name),
    depth() {
      store.expire(name, clock() - ms(settings.retentionSeconds));
      return store.count(name, clock());
    },
    arrived: arrivals.announce,
    close: arrivals.close,
  };
}

function received(row: StoredMessage, receiptHandle: string, now: number): ReceivedMessage {
  return {
    messageId: row.message_id,
    receiptHandle,
    body: row.body,
    attributes: v.parse(StoredAttributes, row.attributes),
    sentTimestamp: row.sent_at,
    firstReceiveTimestamp: row.first_received_at ?? now,
    receiveCount: row.receive_count + 1,
    ...(row.source_arn === null ? {} : { deadLetterQueueSourceArn: row.source_arn }),
  };
}
