import { open } from "node:fs/promises";

/**
 * Makes a function that syncs a directory, so that the names in it survive a power cut. Callers that come while a sync
 * runs share the next one: the running one may have missed their names.
 */
export function createDirectorySync(directory: string): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function syncAfter(previous: Promise<void> | undefined): Promise<void> {
    await previous?.catch(() => undefined); // its own callers see that it failed
    running = next;
    next = undefined;
    try {
      const handle = await open(directory);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } finally {
      if (next === undefined) running = undefined;
    }
  }

  return () => {
    next ??= syncAfter(running);
    return next;
  };
}
