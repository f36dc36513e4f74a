import type { FileHandle } from "node:fs/promises";
import { errnoOf } from "./errno.ts";

/** What fsync(2) says of a folder where the file system has no such thing, as many a network or FUSE one has not. */
const UNSUPPORTED: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** Makes the names in an open folder survive a power loss, as far as its file system can promise that. */
export async function syncOpenFolder(folder: FileHandle): Promise<void> {
  try {
    await folder.sync();
  } catch (error) {
    if (!UNSUPPORTED.has(errnoOf(error))) throw error;
  }
}
