import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { createFile } from "../system/regular-file.ts";
import { syncOpenFolder } from "../system/sync-folder.ts";

/** The ending of what is to take a file's place. */
export const REPLACING = ".new";

/** Replaces a file's text. A reader sees the old text or the new one, also after a power loss. */
export function writeDurably(file: string, text: string): Promise<void> {
  return replaceDurably(file, Buffer.from(text));
}

/** The same for bytes. */
export async function replaceDurably(file: string, bytes: Buffer): Promise<void> {
  const temporary = `${file}${REPLACING}`;
  const handle = await createFile(temporary);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** Removes a file. It stays removed after a power loss. */
export async function removeDurably(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncFolder(path.dirname(file));
}

/** Makes the names in a folder survive a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await syncOpenFolder(handle);
  } finally {
    await handle.close();
  }
}
