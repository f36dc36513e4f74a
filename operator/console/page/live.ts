import { useEffect, useState } from "preact/hooks";
import type { LiveLine } from "../api.ts";
import { ask, linesOf, Refused } from "./connection.ts";

/** What a page shows, and what is wrong: with a view, that is how it was before. */
export type Live<T> = { view?: T; problem?: string; isForeign?: boolean };

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/**
 * Follows an answer of the server, for as long as the page is looked at: a tab in the background asks for nothing.
 *
 * @param path undefined: nothing is asked for
 */
export function useLive<T>(path: string | undefined): Live<T> {
  const [live, setLive] = useState<Live<T>>({});
  useEffect(() => {
    if (path === undefined) return;
    let following = new AbortController();
    const follow = () => {
      following.abort();
      following = new AbortController();
      if (!document.hidden) void followPath<T>(path, setLive, following.signal);
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      following.abort();
    };
  }, [path]);
  return live;
}

async function followPath<T>(
  path: string,
  set: (change: (before: Live<T>) => Live<T>) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let faults = 0; !signal.aborted; faults += 1) {
    try {
      for await (const line of linesOf<LiveLine<T>>(await ask(path, { signal }))) {
        if (signal.aborted) return;
        faults = 0;
        set((before) => ("view" in line ? { view: line.view } : { ...before, problem: line.problem }));
      }
    } catch (error) {
      if (signal.aborted) return;
      const refused = error instanceof Refused && error.status >= 400 ? error : undefined;
      const problem = refused?.message ?? "the console does not answer: does it still run in its terminal?";
      set((before) => ({ ...before, problem, isForeign: refused?.status === 401 }));
      if (refused !== undefined && refused.status < 500) return; // it would be refused again
    }
    await new Promise((resolve) =>
      setTimeout(resolve, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** faults)),
    );
  }
}
