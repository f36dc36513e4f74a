import { realpath, stat, statfs } from "node:fs/promises";
import { InstallFailed } from "./install-failed.ts";

/** Bytes about to be written below a folder. */
export type SpaceClaim = { folder: string; bytes: number };

/** Bytes to leave free on a disk: a full one breaks more than a delivery. */
const SPARE_BYTES = 1024 * 1024;

/**
 * Checks that disks have room. Claims on one file system add up.
 *
 * @throws {InstallFailed} `disk-full`, or an error of the file system.
 */
export async function checkSpace(claims: readonly SpaceClaim[]): Promise<void> {
  const needed = new Map<number, SpaceClaim>();
  for (const { folder, bytes } of claims) {
    const { dev } = await stat(folder);
    needed.set(dev, { folder, bytes: bytes + (needed.get(dev)?.bytes ?? 0) });
  }
  for (const { folder, bytes } of needed.values()) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize >= bytes + SPARE_BYTES) continue;
    const place = await realpath(folder);
    throw new InstallFailed(
      "disk-full",
      `the disk of ${place} has no room for ${bytes} bytes: ${bavail * bsize} are free`,
    );
  }
}
