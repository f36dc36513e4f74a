import { openMessageStore } from "./message-store.ts";
import { type LocalQueue, openQueue, type QueueSettings } from "./queue.ts";

/** The queues of a deployment. A second `openQueues` on one file at a time would hand messages out twice. */
export type Queues = {
  /** @throws {UnknownQueue} */
  get(arnOrName: string): LocalQueue;
  list(): LocalQueue[];
  close(): void;
};

export class UnknownQueue extends Error {
  override name = "UnknownQueue" as const;
}

/**
 * Opens queues that live in one file. Every time in the settings, and every time a caller gives in seconds, is
 * divided by `timeScale`; only the wait of a receive is not. Messages that were in flight when the file was last
 * closed are visible at once: whoever had received them ended with that run.
 *
 * @throws {UnknownQueue} for a dead-letter queue that is not among them.
 */
export function openQueues(options: {
  file: string;
  queues: readonly QueueSettings[];
  timeScale: number;
  /** Epoch milliseconds. */
  clock?: () => number;
}): Queues {
  const clock = options.clock ?? Date.now;
  const store = openMessageStore(options.file);
  store.release(clock());
  const byName = new Map<string, LocalQueue>();

  function get(arnOrName: string): LocalQueue {
    const queue = byName.get(arnOrName) ?? byName.get(nameInArn(arnOrName));
    if (queue === undefined) throw new UnknownQueue(`there is no queue ${arnOrName}`);
    return queue;
  }

  for (const settings of options.queues) {
    byName.set(settings.name, openQueue({ settings, store, clock, timeScale: options.timeScale, get }));
  }
  for (const { redrive } of options.queues) if (redrive !== undefined) get(redrive.deadLetterTargetArn);

  return {
    get,
    list: () => [...byName.values()],
    close() {
      for (const queue of byName.values()) queue.close();
      store.close();
    },
  };
}

function nameInArn(arn: string): string {
  return arn.startsWith("arn:") ? arn.slice(arn.lastIndexOf(":") + 1) : "";
}
