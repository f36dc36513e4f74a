import { type Announcement, checkAnnounceable, withSeq } from "../../../protocol/announcement.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import { formatSeq } from "../../../protocol/seq.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { FileStore, OpenFile } from "../ports.ts";

/**
 * Reads a file once for its SHA-256; undefined if the version is gone.
 *
 * @throws {KeyRefused} before anything is read, if the file is too big or cannot be announced.
 */
export async function describeFile(
  { files, maxFileBytes }: { files: FileStore; maxFileBytes: number },
  version: FileVersion,
  signal: AbortSignal,
): Promise<Announcement | undefined> {
  const { versionId } = version;
  const file = versionId === undefined ? undefined : await files.open({ ...version, versionId }, signal);
  if (file === undefined) return undefined;
  const describe = (sha256: string) => ({ name: version.key, size: file.size, sha256, etag: file.etag });
  try {
    checkSize(file.size, maxFileBytes);
    checkAnnounceable(describe("A".repeat(43))); // any digest is as long [NF-1.5]
  } catch (error) {
    file.discard();
    throw error;
  }
  return withSeq(describe(await readDigest(file, signal)), formatSeq(version.sequencer)); // [NF-2.5]
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
