import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "../state/durable-file.ts";
import { recordName } from "../state/record-name.ts";

/** The files that versions on trial have replaced, one for each path, so that they can be put back. */
export type PreviousFiles = {
  /** The folder they are in. */
  readonly folder: string;
  /**
   * Keeps a file.
   *
   * @param source a path to it, as it still is in its place
   */
  keep(filePath: string, source: string): Promise<void>;
  /** Where the kept file is. It may have changed: a hard link is a second name for the same file. */
  find(filePath: string): Promise<string | undefined>;
  remove(filePath: string): Promise<void>;
  /** Drops every file but those of these paths. */
  keepOnly(filePaths: readonly string[]): Promise<void>;
};

export async function openPreviousFiles(folder: string): Promise<PreviousFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fileOf = (filePath: string) => path.join(folder, recordName(filePath));
  const remove = (filePath: string) => rm(fileOf(filePath), { force: true });
  return {
    folder,
    async keep(filePath, source) {
      await remove(filePath);
      await linkOrCopy(source, fileOf(filePath));
      await syncFolder(folder);
    },
    async find(filePath) {
      return (await readdir(folder)).includes(recordName(filePath)) ? fileOf(filePath) : undefined;
    },
    remove,
    async keepOnly(filePaths) {
      const kept = new Set(filePaths.map(recordName));
      for (const name of await readdir(folder)) {
        if (!kept.has(name)) await rm(path.join(folder, name), { force: true });
      }
    },
  };
}

/** A hard link takes no room, but works only within one file system and not for everybody's files. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    return await link(source, target);
  } catch {
    await copyWhole(source, `${target}.new`);
  }
  await rename(`${target}.new`, target);
}

async function copyWhole(source: string, target: string): Promise<void> {
  const { uid, gid, mode } = await stat(source);
  await copyFile(source, target);
  const copy = await open(target, "r+");
  try {
    await copy.chown(uid, gid).catch(() => undefined); // only root may give a file away
    await copy.chmod(mode & 0o7777);
    await copy.sync();
  } finally {
    await copy.close();
  }
}
