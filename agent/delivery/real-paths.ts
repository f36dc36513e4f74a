import { addressKey } from "../../protocol/target.ts";
import type { AskingNote } from "./plan.ts";

/**
 * Looks up where the paths of a queue really go, by way of symbolic links: two paths may mean one file, and the rule of that file
 * counts, whatever it is called.
 */
export async function findRealPaths(
  queue: readonly AskingNote[],
  realPath: (path: string) => Promise<string>,
): Promise<(path: string) => string> {
  const found = new Map<string, string>();
  for (const { announcement, gone } of queue) {
    const path = pathOf(announcement?.name ?? gone?.name);
    if (path !== undefined && !found.has(path)) found.set(path, await realPath(path));
  }
  return (path) => found.get(path) ?? path;
}

/** Undefined for a name that is refused. */
function pathOf(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : addressKey(name).path;
  } catch {
    return undefined;
  }
}
