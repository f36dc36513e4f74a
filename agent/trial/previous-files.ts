import { link, lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { takeModeOf } from "../install/replace-file.ts";
import { syncFolder } from "../state/durable-file.ts";
import { recordName } from "../state/record-name.ts";
import { errnoOf } from "../system/errno.ts";
import { createFile, NotAFile, openRegularFile, slicesOf } from "../system/regular-file.ts";

/** The files that versions on trial have replaced, one for each path, so that they can be put back. */
export type PreviousFiles = {
  /** The folder they are in. */
  readonly folder: string;
  /**
   * Keeps a file; after a power loss, from `sync` on.
   *
   * @param source a path to it, as it still is in its place
   * @throws {NotAFile} if something else has taken its place, or an error of the file system
   */
  keep(filePath: string, source: string): Promise<void>;
  /** Where the kept file is. It may have changed: a hard link is a second name for the same file. */
  find(filePath: string): Promise<string | undefined>;
  remove(filePath: string): Promise<void>;
  /** Makes what was kept and removed survive a power loss. */
  sync(): Promise<void>;
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
    },
    sync: () => syncFolder(folder),
    async find(filePath) {
      const kept = await lstat(fileOf(filePath)).catch((error) => {
        if (errnoOf(error) === "ENOENT") return undefined;
        throw error;
      });
      return kept?.isFile() ? fileOf(filePath) : undefined;
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
    await link(source, target);
  } catch {
    await copyWhole(source, `${target}.new`);
    return await rename(`${target}.new`, target);
  }
  // A pipe can be linked as well, and would be put back as what was there before.
  if ((await lstat(target)).isFile()) return;
  await rm(target, { force: true });
  throw new NotAFile(source);
}

async function copyWhole(source: string, target: string): Promise<void> {
  const from = await openRegularFile(source);
  try {
    const copy = await createFile(target);
    try {
      for await (const bytes of slicesOf(from)) await copy.writeFile(bytes);
      await takeModeOf(copy, await from.stat());
      await copy.sync();
    } finally {
      await copy.close();
    }
  } finally {
    await from.close();
  }
}
