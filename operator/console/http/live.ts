import { setTimeout as sleep } from "node:timers/promises";
import type { LiveLine } from "../api.ts";
import { type Exchange, problemOf } from "./exchange.ts";
import { SAFE_HEADERS } from "./headers.ts";

export type Living<T> = {
  /** @param look how many there were before */
  look(look: number): Promise<T>;
  /** Milliseconds between two looks at the table. */
  everyMs: number;
  /** And after so many faults in a row. */
  retryMs(faults: number): number;
  /** Told what is no person's to mend. */
  onFault(error: unknown): void;
};

const FIRST_PAUSE_MS = 20;

/**
 * Answers with lines of JSON: what is to be shown, and again whenever that is another, for as long as somebody looks. Nothing is asked of
 * devices; the table has what they said. A fault is told once, and asked for again less and less often.
 */
export async function sendLive<T>(
  { response, signal }: Exchange,
  { look, everyMs, retryMs, onFault }: Living<T>,
): Promise<void> {
  response.writeHead(200, { ...SAFE_HEADERS, "content-type": "application/x-ndjson" });
  let before: string | undefined;
  let faults = 0;
  const pauseFor = (tookMs: number) => Math.max(everyMs, 2 * tookMs); // a look that takes long is taken less often
  const tell = (line: LiveLine<T>) => {
    const text = JSON.stringify(line);
    if (text !== before) response.write(`${text}\n`);
    before = text;
  };
  for (let looks = 0; !signal.aborted; looks += 1) {
    const began = performance.now();
    try {
      tell({ view: await look(looks) });
      faults = 0;
    } catch (error) {
      if (signal.aborted) break;
      const { problem, mayPass = false, status } = problemOf(error);
      if (status === 500) onFault(error);
      tell({ problem, mayPass });
      faults += 1;
    }
    // The second look follows the first: that waits for nothing that takes long.
    const pause =
      faults > 0 ? retryMs(faults) : looks === 0 ? FIRST_PAUSE_MS : pauseFor(performance.now() - began);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
  response.end();
}
