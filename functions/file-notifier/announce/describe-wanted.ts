import type { Announcement, Gone } from "../../../protocol/announcement.ts";
import { formatSeq } from "../../../protocol/seq.ts";
import type { FileStore } from "../ports.ts";
import type { Leave } from "./claims.ts";
import { checkSize, describeFile } from "./describe-file.ts";

/**
 * What is to be told of what a key holds; undefined if the version is gone meanwhile.
 *
 * @param described the announcement of the version that the change added
 * @throws {KeyRefused}
 */
export async function describeWanted(
  ports: { files: FileStore; maxFileBytes: number },
  { change, seen, known, unordered }: Leave,
  described: Announcement | undefined,
  signal: AbortSignal,
): Promise<Announcement | Gone | undefined> {
  if (seen.versionId === undefined) return { name: seen.key, seq: formatSeq(seen.sequencer), gone: true };
  const added = change.kind === "added" && change.versionId === seen.versionId ? change : undefined;
  if (added?.size !== undefined) checkSize(added.size, ports.maxFileBytes);
  const announcement = (added && described) ?? known ?? (await describeFile(ports, seen, signal));
  return unordered && announcement !== undefined ? withoutSeq(announcement) : announcement;
}

/** The server then decides what is current, as of an announcement that has no room for `seq`. [NF-2.2] */
function withoutSeq(announcement: Announcement | Gone): Announcement | Gone {
  return "gone" in announcement ? announcement : { ...announcement, seq: undefined };
}
