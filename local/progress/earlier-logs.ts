import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

/** Earlier starts whose logs are kept. */
const STARTS_KEPT = 9;

/** When the last line of a start's logs was written: the name of their folder, which sorts by it. */
const FOLDER = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:-\d+)?$/;

/** Moves the logs of the last start into a folder of their own, and deletes those of starts long ago. */
export async function putAwayLogs(dir: string): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true });
  const logs = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".log"))
    .map(({ name }) => name);
  const folders = entries
    .filter((entry) => entry.isDirectory() && FOLDER.test(entry.name))
    .map(({ name }) => name);
  if (logs.length > 0) {
    const times = await Promise.all(logs.map(async (name) => (await stat(path.join(dir, name))).mtimeMs));
    const folder = freeName(new Date(Math.max(...times)), new Set(folders));
    await mkdir(path.join(dir, folder));
    for (const name of logs) await rename(path.join(dir, name), path.join(dir, folder, name));
    folders.push(folder);
  }
  for (const old of folders.toSorted().slice(0, -STARTS_KEPT))
    await rm(path.join(dir, old), { recursive: true, force: true });
}

function freeName(time: Date, taken: ReadonlySet<string>): string {
  const name = time.toISOString().slice(0, 19).replaceAll(":", "-");
  for (let count = 1; ; count += 1) {
    const free = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(free)) return free;
  }
}
