import { ask, linesOf } from "../connection.ts";

/**
 * Keeps the fleet of a key from being announced to until it is released, so that files that belong together are one announcement. Where it
 * cannot be held, `problem` says so, and the files go all the same.
 */
export async function holdFleet(key: string): Promise<{ release(): void; problem?: string }> {
  const holding = new AbortController();
  try {
    const body = JSON.stringify({ key });
    const reply = await ask("/api/hold", { method: "POST", body, signal: holding.signal });
    const lines = linesOf(reply);
    await lines.next();
    const release = () => {
      holding.abort();
      void lines.return(undefined).catch(() => undefined); // until then it is kept, and the answer with it
    };
    return { release };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      release: () => undefined,
      problem: `The files may be announced one by one, since the fleet cannot be held: ${why}`,
    };
  }
}
