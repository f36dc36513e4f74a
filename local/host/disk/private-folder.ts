import { chmod, mkdir, readdir, stat } from "node:fs/promises";

/** A folder is somebody else's, or holds what others are meant to read. */
export class FolderNotPrivate extends Error {
  override name = "FolderNotPrivate" as const;
}

/**
 * Makes a folder that only its owner enters, whatever is then written in it: keys, tokens, bundles that are run.
 *
 * @param marker name of a file that says that the folder is ours; one with other things in it is not closed unasked.
 * @throws {FolderNotPrivate}
 */
export async function openPrivateFolder(folder: string, marker: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
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
