import { explainFailure } from "../../cloud/explain-failure.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { retryMs } from "../../cloud/retry-ms.ts";
import type { Shown } from "./shown.ts";

/** Between two looks: a question costs a fraction of a cent, and a receipt takes longer. */
const LOOK_MS = 2_000;

export type Watching = {
  look(): Promise<Shown>;
  print(shown: Shown, isFirst: boolean): void;
  tell(sentence: string): void;
  /** @throws once the person has had enough, which ends the watch */
  pause(ms: number): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
  /** Milliseconds. */
  now(): number;
};

type Fault = { kind: string; since: number; looks: number };

/**
 * Shows an answer again whenever it changes. A fault that may pass is told once, and once that it is over; meanwhile the last picture
 * stands. Before there is a picture any fault ends it, as it ends any command: what is configured wrongly shows then.
 *
 * @throws what cannot pass.
 */
export async function watch({ look, print, tell, pause, random, now }: Watching): Promise<never> {
  let before: string | undefined;
  let isAwaited = false;
  let fault: Fault | undefined;
  for (;;) {
    try {
      const shown = await look();
      if (fault !== undefined) tell(`it answers again, after ${Math.round((now() - fault.since) / 1000)} s`);
      fault = undefined;
      const content = JSON.stringify(shown);
      if (content !== before) print(shown, before === undefined);
      before = content;
    } catch (error) {
      if (before === undefined && isNotYet(error)) {
        if (!isAwaited) tell(`${error.message}. Waiting for that`);
        isAwaited = true;
      } else if (before !== undefined || isAwaited) {
        fault = surviving(error, fault);
      } else {
        throw error;
      }
    }
    await pause(fault === undefined ? LOOK_MS : retryMs(fault.looks, random()));
  }

  function surviving(error: unknown, last: Fault | undefined): Fault {
    const known = explainFailure(error);
    if (known?.mayPass !== true || known.code === "not-found") throw error;
    const kind = kindOf(known.message);
    if (last?.kind !== kind) {
      const stands = before === undefined ? "" : " What is shown is as it was before.";
      tell(
        `${known.message}.${stands} It is asked again in a few seconds, then less and less often, but once a minute`,
      );
    }
    return { kind, since: last?.since ?? now(), looks: (last?.looks ?? 0) + 1 };
  }
}

/** A file that was just put has been announced to nobody yet; a fleet that is not there will not come. */
function isNotYet(error: unknown): error is OperatorError {
  return error instanceof OperatorError && error.code === "not-found" && error.mayPass;
}

/** What follows the first colon may have a number in it that is another each time. */
function kindOf(sentence: string): string {
  return sentence.split(": ", 1)[0] ?? sentence;
}
