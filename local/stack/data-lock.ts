import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/** Another stack runs with the same data folder. */
export class DataInUse extends Error {
  override name = "DataInUse" as const;
}

/**
 * Takes the data folder for this process; two stacks in one would corrupt each other's queue. A lock left by a
 * process that died is taken over.
 *
 * @returns a function that gives the folder back.
 * @throws {DataInUse}
 */
export async function lockData(dataDir: string): Promise<() => Promise<void>> {
  const file = path.join(dataDir, "stack.pid");
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const pid = Number(await readFile(file, "utf8").catch(() => "0"));
    if (pid !== process.pid && isAlive(pid)) {
      throw new DataInUse(
        `${dataDir} is in use by the stack with pid ${pid}: stop that one, or give another --data`,
      );
    }
    await rm(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
