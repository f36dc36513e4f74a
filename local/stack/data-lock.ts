import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

export const LOCK_FILE = "stack.lock";

/** Another stack runs with the same data folder. */
export class DataInUse extends Error {
  override name = "DataInUse" as const;
}

/**
 * Takes the data folder for this process; two stacks in one would corrupt each other's queue. The lock is SQLite's on
 * a file: the system frees it when its holder dies, however it dies.
 *
 * @returns a function that gives the folder back.
 * @throws {DataInUse}
 */
export async function lockData(dataDir: string): Promise<() => void> {
  const lock = new DatabaseSync(path.join(dataDir, LOCK_FILE));
  const pidFile = path.join(dataDir, "stack.pid"); // only to tell a person whom to stop
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    const pid = await readFile(pidFile, "utf8").catch(() => "?");
    const sentence = `${dataDir} is in use by the stack with pid ${pid}: stop that one, or give another --data`;
    throw new DataInUse(sentence, { cause });
  }
  await writeFile(pidFile, String(process.pid));
  return () => lock.close();
}
