import { setTimeout as sleep } from "node:timers/promises";

/** What is under way, so that an end can wait for it: a table that is closed in the middle of a question has nobody to tell. */
export type UnderWay = {
  add(work: Promise<unknown>): void;
  /** Resolves once all of it has ended, or after so many milliseconds. */
  ended(mostMs: number): Promise<void>;
};

export function createUnderWay(): UnderWay {
  const works = new Set<Promise<unknown>>();
  return {
    add(work) {
      const ended: Promise<unknown> = work.catch(() => undefined).then(() => works.delete(ended));
      works.add(ended);
    },
    async ended(mostMs) {
      const giveUp = new AbortController();
      const late = sleep(mostMs, undefined, { signal: giveUp.signal }).catch(() => undefined);
      await Promise.race([Promise.all(works), late]);
      giveUp.abort();
    },
  };
}
