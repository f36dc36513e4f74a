import { type FileHandle, rename, rm } from "node:fs/promises";
import { openRegularFile, slicesOf } from "../system/regular-file.ts";
import { InstallFailed, installFailureOf } from "./install-failed.ts";
import type { Place } from "./place.ts";
import { replaceFile, takeModeOf } from "./replace-file.ts";

/**
 * Moves a file that was at a place before back to it, without verifying it. On one file system that needs no room. From another
 * one it copies the file; if there is no room for the copy, it first removes what is at the place now.
 *
 * @throws {InstallFailed}; its message says if the place is empty now.
 */
export async function putBack(place: Place, temporary: string, source: string): Promise<void> {
  const { folder, name } = place;
  try {
    await rename(source, folder.at(name));
  } catch {
    return await copyBack(place, temporary, source);
  }
  await folder.sync();
}

async function copyBack(place: Place, temporary: string, source: string): Promise<void> {
  const copy = () => replaceFile(place, temporary, (file) => copyInto(file, source));
  try {
    return await copy();
  } catch {
    await rm(place.folder.at(place.name), { force: true });
    await place.folder.sync();
  }
  try {
    await copy();
  } catch (cause) {
    const { reason, message } = installFailureOf(cause);
    throw new InstallFailed(reason, `${message}; nothing is at ${place.name} until then`, { cause });
  }
}

async function copyInto(file: FileHandle, source: string): Promise<void> {
  const from = await openRegularFile(source);
  try {
    for await (const bytes of slicesOf(from)) await file.writeFile(bytes);
    await takeModeOf(file, await from.stat());
  } finally {
    await from.close();
  }
}
