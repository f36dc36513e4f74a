import { fstatSync } from "node:fs";

/**
 * Whether a file descriptor is the journal's, of which JOURNAL_STREAM has the device and the inode. The variable alone is inherited by whatever a service
 * starts, wherever that writes. https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#%24JOURNAL_STREAM
 */
export function isJournal(descriptor: number, journalStream: string | undefined): boolean {
  if (journalStream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return journalStream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
