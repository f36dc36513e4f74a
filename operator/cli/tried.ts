import { explainFailure } from "./explain-failure.ts";

/** What could be found out; or why it could not, which is no reason to show nothing. */
export type Tried<T> = { found: T; why?: undefined } | { found?: undefined; why: string };

/** @param isPassing whether what may pass counts as a reason too: not where it is asked again @throws what is no reason */
export async function tried<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  { isPassing = true }: { isPassing?: boolean } = {},
): Promise<Tried<T>> {
  try {
    return { found: await ask() };
  } catch (error) {
    signal.throwIfAborted();
    const known = explainFailure(error);
    if (known === undefined || (known.mayPass && !isPassing)) throw error;
    return { why: known.message };
  }
}
