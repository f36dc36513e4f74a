import type { Database } from "../store/database.ts";
import type { S3Event, S3TestEvent } from "./event.ts";
import type { Outbox, Undelivered } from "./outbox.ts";

export type Deliver = (targetArn: string, event: S3Event | S3TestEvent) => Promise<void>;

export type EventDelivery = {
  /** Looks for new events soon. */
  wake(): void;
  /** Starts no further delivery, and waits for those under way. */
  close(): Promise<void>;
};

const BATCH = 64;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 60_000;

/**
 * Delivers the outbox's events at least once: an event leaves it only after its delivery, so a crash between the two
 * repeats it. Events of one key go one after the other; only one that has to be retried can be overtaken.
 */
export function startEventDelivery(
  outbox: Outbox,
  database: Database,
  deliver: Deliver,
  report: (fault: unknown) => void,
): EventDelivery {
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function deliverOne({ id, target, event, attempts }: Undelivered): Promise<void> {
    const failure = await deliver(target, event).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (failure === undefined) {
      await database.transaction(() => outbox.delivered(id));
      return;
    }
    if (attempts === 0) report(failure.error);
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 20));
    await database.transaction(() => outbox.postpone(id, Date.now() + wait));
  }

  async function drain(): Promise<void> {
    while (!closed) {
      const batch = outbox.due(Date.now(), BATCH);
      if (batch.length === 0) return;
      const byKey = Map.groupBy(batch, ({ target, key }) => `${target}\n${key}`);
      await Promise.all(
        [...byKey.values()].map(async (events) => {
          for (const event of events) if (!closed) await deliverOne(event);
        }),
      );
    }
  }

  function wake(): void {
    if (closed || running !== undefined) return;
    clearTimeout(timer);
    running = drain()
      .catch(report)
      .finally(() => {
        running = undefined;
        if (!closed) wakeWhenDue();
      });
  }

  /** Wakes for an event that is postponed, or for one that came while the last look was ending. */
  function wakeWhenDue(): void {
    const due = outbox.nextDue();
    if (due === undefined) return;
    timer = setTimeout(wake, Math.max(0, due - Date.now()));
    timer.unref();
  }

  wake();
  return {
    wake,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
