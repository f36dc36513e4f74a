import { constants, existsSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
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

/** Node has no openat(2). On Linux, a path through /proc names a folder by its descriptor, so nobody can redirect it. */
const BY_DESCRIPTOR = process.platform === "linux" && existsSync("/proc/self/fd");

/**
 * Opens a folder, without following a symbolic link in its last segment.
 *
 * @throws `ENOTDIR` or `ELOOP` for a symbolic link or anything else that is no folder.
 */
export async function openFolder(place: string): Promise<OpenFolder> {
  const handle = await open(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  return {
    at: (name) => (BY_DESCRIPTOR ? `/proc/self/fd/${handle.fd}/${name}` : path.join(place, name)),
    sync: () => syncOpenFolder(handle),
    giveTo: (uid, gid) => handle.chown(uid, gid).catch(() => undefined),
    close: () => handle.close(),
  };
}
