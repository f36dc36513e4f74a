import { explainFailure } from "../../cloud/explain-failure.ts";
import { retryMs } from "../../cloud/retry-ms.ts";

export type Persisting = {
  tell(sentence: string): void;
  /** @throws once the person has had enough, which ends it */
  pause(ms: number): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
  /** Milliseconds. */
  now(): number;
};

/**
 * Has what is asked outlive a fault that may pass, for as long as that takes: it is told once, and once that it is over. Until there was one
 * answer any fault ends it, as it ends any command: what is configured wrongly shows then.
 *
 * @returns asks once, or as often as it takes. @throws what cannot pass.
 */
export function createPersistence({ tell, pause, random, now }: Persisting) {
  let isAnswered = false;
  return async function persist<T>(ask: () => Promise<T>): Promise<T> {
    let since: number | undefined;
    for (let faults = 1; ; faults += 1) {
      try {
        const answer = await ask();
        if (since !== undefined) tell(`it goes on, after ${Math.round((now() - since) / 1000)} s`);
        isAnswered = true;
        return answer;
      } catch (error) {
        const known = explainFailure(error);
        if (!isAnswered || known?.mayPass !== true) throw error;
        if (since === undefined)
          tell(
            `${known.message}. It is asked again in a few seconds, then less and less often, but once a minute`,
          );
        since ??= now();
      }
      await pause(retryMs(faults, random()));
    }
  };
}
