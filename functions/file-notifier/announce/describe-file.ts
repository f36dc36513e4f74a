import { type Announcement, checkAnnounceable } from "../../../protocol/announcement.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { FileStore, OpenFile, Report } from "../ports.ts";

/**
 * True if the key still holds this version. A replaced one is worth neither a read nor an announcement: its successor has
 * an event of its own, and the file-server answers 412 for it.
 */
export async function isCurrent(
  { files, report }: { files: FileStore; report: Report },
  version: FileVersion,
  signal: AbortSignal,
): Promise<boolean> {
  const current = await files.currentVersionId(version, signal);
  if (current === version.versionId) return true;
  const reason = current === undefined ? "deleted" : "newer version current";
  report({ message: "superseded", key: version.key, versionId: version.versionId, reason });
  return false;
}

/**
 * Reads a file once for its SHA-256; undefined if the version is gone.
 *
 * @throws {KeyRefused} before anything is read, if the file is too big or cannot be announced.
 */
export async function describeFile(
  { files, report, maxFileBytes }: { files: FileStore; report: Report; maxFileBytes: number },
  version: FileVersion,
  signal: AbortSignal,
): Promise<Announcement | undefined> {
  const file = await files.open(version, signal);
  if (file === undefined) {
    report({ message: "superseded", key: version.key, versionId: version.versionId, reason: "deleted" });
    return undefined;
  }
  const describe = (sha256: string) => ({ name: version.key, size: file.size, sha256, etag: file.etag });
  try {
    checkSize(file.size, maxFileBytes);
    checkAnnounceable(describe("A".repeat(43))); // any digest is as long [NF-1.5]
  } catch (error) {
    file.discard();
    throw error;
  }
  return describe(await readDigest(file, signal));
}

async function readDigest(file: OpenFile, signal: AbortSignal): Promise<string> {
  try {
    return await file.sha256();
  } catch (error) {
    signal.throwIfAborted(); // the broken stream is only how the abort shows
    throw error;
  }
}

/** @throws {KeyRefused} with reason `too-big`. */
export function checkSize(size: number, maxFileBytes: number): void {
  if (size > maxFileBytes) {
    throw new KeyRefused("too-big", `the file has ${size} bytes, this deployment delivers ${maxFileBytes}`);
  }
}
