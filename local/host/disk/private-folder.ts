import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";

/** A folder is somebody else's, or holds what others are meant to read. */
export class FolderNotPrivate extends Error {
  override name = "FolderNotPrivate" as const;
}

/** A folder that cannot be made or read at all. */
export class FolderUnusable extends Error {
  override name = "FolderUnusable" as const;
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
  ENOENT: "no folder can be made there",
  ENOTDIR: "part of the path is a file",
  EEXIST: "there is a file of that name",
  ENOSPC: "the disk is full",
  EDQUOT: "this user's quota is used up",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its symbolic links lead in a circle",
};

/** Each by itself: of a folder that cannot be made in /proc, Node's own `recursive` never ends. */
async function makeAll(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory()) return;
  const parent = path.dirname(folder);
  if (parent !== folder) await makeAll(parent);
  await mkdir(folder, { mode: 0o700 });
}

/**
 * Makes a folder that only its owner enters, whatever is then written in it: keys, tokens, bundles that are run.
 *
 * @param marker name of a file that says that the folder is ours; one with other things in it is not closed unasked.
 * @throws {FolderNotPrivate | FolderUnusable}
 */
export async function openPrivateFolder(folder: string, marker: string): Promise<void> {
  await makeAll(folder).catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const why = WHY[code] ?? (cause instanceof Error ? cause.message : String(cause));
    throw new FolderUnusable(`${folder} cannot be used: ${why}. Give another --data`, { cause });
  });
  if (process.getuid === undefined) return; // Windows, where a user's folders are closed to others
  const { uid, mode } = await stat(folder);
  if (uid !== process.getuid()) {
    throw new FolderNotPrivate(
      `${folder} belongs to another user (uid ${uid}), who could read its keys and change what runs: give another --data`,
    );
  }
  if ((mode & 0o077) === 0) return;
  const names = await readdir(folder);
  if (names.length > 0 && !names.includes(marker)) {
    throw new FolderNotPrivate(
      `${folder} is open to other users, and holds more than ours: give an empty folder as --data, or run chmod 700 on it`,
    );
  }
  await chmod(folder, 0o700);
}
