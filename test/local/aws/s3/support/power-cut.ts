/**
 * Loaded into a server with `--import`: SIGUSR2 ends it as a power cut would. Of its files that is gone which no sync covered:
 * bytes that were written, and names that were given. SQLite syncs by itself, which database.test.ts sees to.
 */
import fs from "node:fs";
import fsp, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";

/** Bytes of each file that a sync has covered, by inode: it keeps its bytes under every name. */
const synced = new Map<number, number>();
/** Names that no sync of their folder has covered. */
const unsyncedNames = new Set<string>();
const directories = new WeakMap<FileHandle, string>();

const real = { ...fsp };
fsp.open = async (place, flags, mode) => {
  const handle = await real.open(place, flags, mode);
  const stat = fs.fstatSync(handle.fd);
  if (stat.isDirectory()) directories.set(handle, path.resolve(String(place)));
  else if (!synced.has(stat.ino)) synced.set(stat.ino, flags === undefined ? stat.size : 0);
  return handle;
};
fsp.rename = async (from, to) => {
  await real.rename(from, to);
  unsyncedNames.add(path.resolve(String(to)));
};
fsp.link = async (from, to) => {
  await real.link(from, to);
  unsyncedNames.add(path.resolve(String(to)));
};
syncBuiltinESMExports();

const probe = await real.open("/dev/null");
const prototype = Object.getPrototypeOf(probe);
await probe.close();
for (const name of ["sync", "datasync"] as const) {
  const original: (this: FileHandle) => Promise<void> = prototype[name];
  prototype[name] = async function (this: FileHandle) {
    const names = [...unsyncedNames]; // those given meanwhile may not be covered
    const { size, ino } = fs.fstatSync(this.fd);
    await original.call(this);
    const directory = directories.get(this);
    if (directory === undefined) synced.set(ino, Math.max(size, synced.get(ino) ?? 0));
    for (const each of names) if (path.dirname(each) === directory) unsyncedNames.delete(each);
  };
}

process.on("SIGUSR2", () => {
  for (const name of unsyncedNames) fs.rmSync(name, { force: true });
  const blobs = path.join(process.argv[2] ?? "", "blobs");
  for (const file of fs.readdirSync(blobs).map((name) => path.join(blobs, name))) {
    const { size, ino } = fs.statSync(file);
    const kept = synced.get(ino);
    if (kept !== undefined && kept < size) fs.truncateSync(file, kept);
  }
  process.kill(process.pid, "SIGKILL");
});
