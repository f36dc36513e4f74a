import type { Stats } from "node:fs";
import { type FileHandle, rename, rm } from "node:fs/promises";
import { createFile } from "../system/regular-file.ts";
import { InstallFailed, installFailureOf } from "./install-failed.ts";
import type { OpenFolder } from "./open-folder.ts";
import type { Place } from "./place.ts";

/**
 * Replaces a file: temporary file beside the place, fsync, rename, fsync of the folder. [NF-9.2]
 *
 * @param write fills the temporary file and sets its mode
 */
export async function replaceFile(
  place: Place,
  temporary: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const { folder, name } = place;
  await stageFile(place, temporary, write);
  try {
    await rename(folder.at(temporary), folder.at(name));
  } catch (error) {
    await rm(folder.at(temporary), { force: true }).catch(() => undefined);
    throw error;
  }
  await syncPlaced(folder, name);
}

/** Only the temporary file, on disk; if that fails, there is none. */
export async function stageFile(
  { folder }: Place,
  temporary: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await createFile(folder.at(temporary));
  try {
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(folder.at(temporary), { force: true }).catch(() => undefined);
    throw error;
  }
}

/** @throws {InstallFailed} `storage`: a power loss may still bring back what was there before. */
export async function syncPlaced(folder: OpenFolder, name: string): Promise<void> {
  try {
    await folder.sync();
  } catch (cause) {
    const { message } = installFailureOf(cause);
    const sentence = `${name} is in its place, but the disk does not promise to keep it there: ${message}`;
    throw new InstallFailed("storage", sentence, { cause });
  }
}

/** Gives a file the mode and the owner of another one. */
export async function takeModeOf(file: FileHandle, other: Stats): Promise<void> {
  const own = await file.stat();
  const sameOwner = own.uid === other.uid && own.gid === other.gid;
  const owned =
    sameOwner ||
    (await file.chown(other.uid, other.gid).then(
      () => true,
      () => false,
    ));
  // With the set-user-id bit of somebody else's file, our file would run as us.
  await file.chmod(other.mode & (owned ? 0o7777 : 0o777));
}
