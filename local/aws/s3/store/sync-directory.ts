import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";

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

/** Makes a directory, and those above it, that survive a power cut. */
export function makeDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true });
  if (first === undefined) return; // they were there
  let above = path.resolve(directory);
  do {
    above = path.dirname(above);
    syncDirectoryNow(above);
  } while (above !== path.dirname(path.resolve(first)));
}

export function syncDirectoryNow(directory: string): void {
  const handle = openSync(directory, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
