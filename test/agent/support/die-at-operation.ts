/**
 * Loaded into an agent with `--import`: ends it with SIGKILL just before the DIE_AT-th operation that changes the disk; a write
 * is done by half first. With DIE_HOW=power the disk then looks as after a power loss: what was written, created, renamed or removed
 * without a sync is undone. DISK_FAULTS, a list of {DiskFault} as JSON, lets operations fail instead. The number of operations is left
 * in COUNT_FILE.
 */
import fs from "node:fs";
import fsp, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";

/**
 * Operations that fail: the `at`-th, or those whose `name path…` matches `like`, while a file exists if `during` names one. A file whose
 * path matches `read` cannot be opened.
 */
export type DiskFault = { at?: number; like?: string; during?: string; read?: string; code: string };

const dieAt = Number(process.env.DIE_AT ?? "0");
const powerLoss = process.env.DIE_HOW === "power";
const faults: DiskFault[] = JSON.parse(process.env.DISK_FAULTS ?? "[]");

let operations = 0;
/** Bytes of each open file that a sync has covered. */
const synced = new Map<string, number>();
const placeOf = new WeakMap<FileHandle, string>();
/** Undoes what a folder's sync has not covered yet, latest last. */
let pending: { folder: string; undo: () => void }[] = [];

/** @throws what the disk is to say. */
function operation(what: string, half?: () => void): void {
  operations += 1;
  const fault = faults.find(({ at, like, during }) => {
    if (during !== undefined && !fs.existsSync(during)) return false;
    return at === operations || (like !== undefined && new RegExp(like).test(what));
  });
  if (operations !== dieAt && fault === undefined) return;
  half?.();
  if (fault !== undefined) throw Object.assign(new Error(`${fault.code}: ${what}`), { code: fault.code });
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
const realPath = (place: unknown) =>
  path.join(fs.realpathSync(path.dirname(String(place))), path.basename(String(place)));

/** Takes a file's picture. @returns what puts it back as it is now. */
function pictureOf(file: string): () => void {
  if (!fs.existsSync(file)) return () => fs.rmSync(file, { force: true });
  const [content, { mode }] = [fs.readFileSync(file), fs.statSync(file)];
  return () => {
    fs.rmSync(file, { force: true }); // its other names keep what they have
    fs.writeFileSync(file, content);
    fs.chmodSync(file, mode & 0o7777);
  };
}

const undoLater = (...files: string[]) => {
  const undos = files.map((file) => ({ folder: path.dirname(file), undo: pictureOf(file) }));
  return () => pending.push(...undos);
};

/** Looking for a file that is not there changes nothing. */
const creates = (flags: string | number = "r") =>
  typeof flags === "number" ? (flags & fs.constants.O_CREAT) !== 0 : /^[wa]/.test(flags);

fsp.open = async (place, flags, mode) => {
  const file = realPath(place);
  const existed = fs.existsSync(file);
  const unreadable = faults.find(({ read }) => read !== undefined && new RegExp(read).test(file));
  if (existed && unreadable !== undefined)
    throw Object.assign(new Error(`${unreadable.code}: open ${file}`), { code: unreadable.code });
  if (!existed && creates(flags)) operation(`create ${file}`);
  const handle = await real.open(place, flags, mode);
  placeOf.set(handle, existed ? fs.realpathSync(String(place)) : file);
  if (!existed) pending.push({ folder: path.dirname(file), undo: () => fs.rmSync(file, { force: true }) });
  if (!(existed && synced.has(file)) && fs.statSync(file).isFile()) synced.set(file, fs.statSync(file).size);
  return handle;
};
fsp.rename = async (from, to) => {
  const [source, target] = [realPath(from), realPath(to)];
  operation(`rename ${source} ${target}`);
  // One entry in the journal of a file system: the sync of the target's folder brings both names.
  const [size, back, undo] = [fs.statSync(source).size, pictureOf(source), pictureOf(target)];
  await real.rename(from, to);
  synced.set(target, synced.get(source) ?? size);
  synced.delete(source);
  pending.push({
    folder: path.dirname(target),
    undo() {
      back();
      undo();
    },
  });
};
fsp.rm = async (place, options) => {
  if (!fs.existsSync(path.dirname(String(place)))) return real.rm(place, options);
  const file = realPath(place);
  operation(`rm ${file}`);
  const undo = fs.existsSync(file) ? undoLater(file) : undefined;
  await real.rm(place, options);
  undo?.();
};
fsp.link = async (from, to) => {
  operation(`link ${realPath(from)} ${realPath(to)}`);
  const undo = undoLater(realPath(to));
  await real.link(from, to);
  undo();
};
fsp.copyFile = async (from, to, mode) => {
  const target = realPath(to);
  operation(`copy ${realPath(from)} ${target}`, () => fs.writeFileSync(target, ""));
  const undo = undoLater(target);
  await real.copyFile(from, to, mode);
  undo();
  synced.set(target, 0);
};
const { mkdir } = real;
Object.assign(fsp, {
  mkdir: (place: string, options: object) => {
    if (!fs.existsSync(place)) operation(`mkdir ${place}`);
    return mkdir(place, options);
  },
});
syncBuiltinESMExports();

const probe = await real.open("/dev/null");
const prototype = Object.getPrototypeOf(probe);
await probe.close();
const { write, writeFile, truncate, chmod, sync, datasync } = prototype;
const nameOf = (handle: FileHandle) => placeOf.get(handle) ?? "";
Object.assign(prototype, {
  async write(this: FileHandle, bytes: Buffer, offset: number, length: number, position: number) {
    const half = () => fs.writeSync(this.fd, bytes, offset, Math.floor(length / 2), position);
    operation(`write ${nameOf(this)}`, half);
    return write.call(this, bytes, offset, length, position);
  },
  async writeFile(this: FileHandle, content: string | Buffer) {
    operation(`write ${nameOf(this)}`, () =>
      fs.writeSync(this.fd, content.slice(0, content.length / 2).toString()),
    );
    return writeFile.call(this, content);
  },
  async truncate(this: FileHandle, length: number) {
    operation(`truncate ${nameOf(this)}`);
    return truncate.call(this, length);
  },
  async chmod(this: FileHandle, mode: number) {
    operation(`chmod ${nameOf(this)}`);
    return chmod.call(this, mode);
  },
  async sync(this: FileHandle) {
    operation(`sync ${nameOf(this)}`);
    await sync.call(this);
    covered(this);
  },
  async datasync(this: FileHandle) {
    operation(`sync ${nameOf(this)}`);
    await datasync.call(this);
    covered(this);
  },
});

function covered(handle: FileHandle): void {
  const place = nameOf(handle);
  const stat = fs.fstatSync(handle.fd);
  if (stat.isFile()) synced.set(place, stat.size);
  else pending = pending.filter(({ folder }) => folder !== place);
}

process.on("exit", () => {
  if (process.env.COUNT_FILE !== undefined) fs.writeFileSync(process.env.COUNT_FILE, String(operations));
});
