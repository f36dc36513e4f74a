import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { descriptorPath } from "../system/descriptor-path.ts";
import { syncOpenFolder } from "../system/sync-folder.ts";

/** An open folder: what happens `at` a name in it happens in this very folder, even if it is moved or replaced by a link. */
export type OpenFolder = {
  /** A path to a direct child. */
  at(name: string): string;
  /** Makes names in it survive a power loss, as far as its file system can promise that. */
  sync(): Promise<void>;
  /** As far as the system lets this user: only root need and may give a folder away. */
  giveTo(uid: number, gid: number): Promise<void>;
  close(): Promise<void>;
};

/**
 * Opens a folder, without following a symbolic link in its last segment.
 *
 * @throws `ENOTDIR` or `ELOOP` for a symbolic link or anything else that is no folder.
 */
export async function openFolder(place: string): Promise<OpenFolder> {
  const handle = await open(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  return {
    at: (name) => `${descriptorPath(handle.fd, place)}/${name}`,
    sync: () => syncOpenFolder(handle),
    giveTo: (uid, gid) => handle.chown(uid, gid).catch(() => undefined),
    close: () => handle.close(),
  };
}
