import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { readKernelText } from "../system/kernel-text.ts";
import { InstallFailed } from "./install-failed.ts";
import type { Place } from "./place.ts";

/** open(2)'s flag for a file that is only to be named, which needs no permission to read. Node does not give it. */
const O_PATH = 0o10_000_000;

/**
 * Checks that a rename can replace the file at a place: one that is a mount point, as a file bound into a container is, cannot be.
 *
 * @throws {InstallFailed} `mount-point`
 */
export async function checkNotMounted({ folder, name, existing }: Place): Promise<void> {
  if (existing === undefined) return;
  // Device numbers tell less: a bind mount from the same file system has the same, and on an overlay a mere file may have another.
  const [mount, own] = [await mountOf(folder.at(name)), await mountOf(folder.at("."))];
  if (mount === undefined || own === undefined || mount === own) return;
  throw new InstallFailed(
    "mount-point",
    `${name} is a mount point, which cannot be replaced: unmount it, or mount its folder instead`,
  );
}

/** The number of the mount that a path leads to; undefined where the system does not tell. */
async function mountOf(place: string): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  const file = await open(place, O_PATH | constants.O_NOFOLLOW);
  try {
    const info = await readKernelText(`/proc/self/fdinfo/${file.fd}`).catch(() => "");
    return /^mnt_id:\s*(\d+)$/m.exec(info)?.[1];
  } finally {
    await file.close();
  }
}
