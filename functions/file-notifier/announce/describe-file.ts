import { type Announcement, checkAnnounceable, withSeq } from "../../../protocol/announcement.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import { type AnnouncementNote, withRepresentations } from "../../../protocol/representation.ts";
import { formatSeq } from "../../../protocol/seq.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { PackVersion } from "../pack/pack-version.ts";
import type { FileStore } from "../ports.ts";
import { readContent } from "./read-content.ts";

/**
 * Reads a file for its SHA-256, and has it packed; undefined if the version is gone.
 *
 * @throws {KeyRefused} before anything is read, if the file is too big or cannot be announced.
 */
export async function describeFile(
  { files, maxFileBytes, pack }: { files: FileStore; maxFileBytes: number; pack?: PackVersion | undefined },
  version: FileVersion,
  signal: AbortSignal,
): Promise<AnnouncementNote | undefined> {
  const { versionId } = version;
  const file = versionId === undefined ? undefined : await files.open({ ...version, versionId }, signal);
  if (versionId === undefined || file === undefined) return undefined;
  const describe = (sha256: string) => ({ name: version.key, size: file.size, sha256, etag: file.etag });
  try {
    checkSize(file.size, maxFileBytes);
    checkAnnounceable(describe("A".repeat(43))); // any digest is as long [NF-1.5]
  } catch (error) {
    file.discard();
    throw error;
  }
  const content = await readContent(file, pack?.keepBytes ?? 0, signal);
  const announcement = withSeq(describe(content.sha256), formatSeq(version.sequencer)); // [NF-2.5]
  if (pack === undefined || !hasRoom(announcement)) return { announcement };
  return withRepresentations(announcement, await pack.pack({ ...version, versionId }, content, signal)); // [NF-10.4]
}

/** Nothing is packed for an announcement that has no room to say so. */
function hasRoom(announcement: Announcement): boolean {
  return withRepresentations(announcement, { zstd: 1, patches: [] }).announcement.z !== undefined;
}

/** @throws {KeyRefused} with reason `too-big`. */
export function checkSize(size: number, maxFileBytes: number): void {
  if (size > maxFileBytes) {
    throw new KeyRefused("too-big", `the file has ${size} bytes, this deployment delivers ${maxFileBytes}`);
  }
}
