/**
 * Loaded into an agent with `--import`: ends it with SIGKILL just before the DIE_AT-th operation that changes the disk; a write
 * is done by half first. With DIE_HOW=power the disk then looks as after a power loss: what was written, created or renamed
 * without a sync is gone. Without DIE_AT it counts, and leaves the number of operations in COUNT_FILE.
 */
import fs from "node:fs";
import fsp, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";

const dieAt = Number(process.env.DIE_AT ?? "0");
const powerLoss = process.env.DIE_HOW === "power";

let operations = 0;
/** Bytes of each open file that a sync has covered. */
const synced = new Map<string, number>();
const placeOf = new WeakMap<FileHandle, string>();
/** Undoes what a folder's sync has not covered yet, latest last. */
let pending: { folder: string; undo: () => void }[] = [];

function operation(half?: () => void): void {
  operations += 1;
  if (operations !== dieAt) return;
  half?.();
  if (powerLoss) losePower();
  process.kill(process.pid, "SIGKILL");
}

function losePower(): void {
  for (const [file, bytes] of synced) {
    if (fs.existsSync(file) && fs.statSync(file).size > bytes) fs.truncateSync(file, bytes);
  }
  for (const { undo } of pending.toReversed()) undo();
}

const real = { ...fsp };
const realPath = (place: string) => path.join(fs.realpathSync(path.dirname(place)), path.basename(place));
const contentOf = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file) : undefined);

fsp.open = async (place, flags, mode) => {
  const file = realPath(String(place));
  const existed = fs.existsSync(file);
  const handle = await real.open(place, flags, mode);
  placeOf.set(handle, existed ? fs.realpathSync(String(place)) : file);
  if (!existed) pending.push({ folder: path.dirname(file), undo: () => fs.rmSync(file, { force: true }) });
  if (!synced.has(file) && fs.statSync(file).isFile()) synced.set(file, fs.statSync(file).size);
  return handle;
};
fsp.rename = async (from, to) => {
  operation();
  const [source, target] = [realPath(String(from)), realPath(String(to))];
  const [moved, replaced] = [fs.readFileSync(source), contentOf(target)];
  await real.rename(from, to);
  synced.set(target, synced.get(source) ?? moved.length);
  synced.delete(source);
  pending.push({
    folder: path.dirname(target),
    undo() {
      fs.writeFileSync(source, moved);
      if (replaced === undefined) fs.rmSync(target, { force: true });
      else fs.writeFileSync(target, replaced);
    },
  });
};
for (const name of ["rm", "mkdir", "link"] as const) {
  const original: (...args: never[]) => Promise<unknown> = real[name];
  Object.assign(fsp, {
    [name]: (...args: never[]) => {
      operation();
      return original(...args);
    },
  });
}
syncBuiltinESMExports();

const probe = await real.open("/dev/null");
const prototype = Object.getPrototypeOf(probe);
await probe.close();
const { write, sync, datasync, truncate, writeFile } = prototype;
Object.assign(prototype, {
  write(this: FileHandle, bytes: Buffer, offset: number, length: number, position: number) {
    operation(() => fs.writeSync(this.fd, bytes, offset, Math.floor(length / 2), position));
    return write.call(this, bytes, offset, length, position);
  },
  writeFile(this: FileHandle, text: string) {
    operation(() => fs.writeSync(this.fd, text.slice(0, text.length / 2)));
    return writeFile.call(this, text);
  },
  truncate(this: FileHandle, length: number) {
    operation();
    return truncate.call(this, length);
  },
  async sync(this: FileHandle) {
    operation();
    await sync.call(this);
    covered(this);
  },
  async datasync(this: FileHandle) {
    operation();
    await datasync.call(this);
    covered(this);
  },
});

function covered(handle: FileHandle): void {
  const place = placeOf.get(handle) ?? "";
  const stat = fs.fstatSync(handle.fd);
  if (stat.isFile()) synced.set(place, stat.size);
  else pending = pending.filter(({ folder }) => folder !== place);
}

process.on("exit", () => {
  if (process.env.COUNT_FILE !== undefined) fs.writeFileSync(process.env.COUNT_FILE, String(operations));
});
