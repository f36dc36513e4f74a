import type { AnnouncementNote } from "../../../protocol/representation.ts";
import { formatSeq } from "../../../protocol/seq.ts";
import type { PackVersion } from "../pack/pack-version.ts";
import type { FileStore } from "../ports.ts";
import type { Leave } from "./claims.ts";
import { checkSize, describeFile } from "./describe-file.ts";
import { type Notice, withoutSeq } from "./notice.ts";

/**
 * What is to be told of what a key holds; undefined if the version is gone meanwhile.
 *
 * @param described the announcement of the version that the change added
 * @throws {KeyRefused}
 */
export async function describeWanted(
  ports: { files: FileStore; maxFileBytes: number; pack?: PackVersion | undefined },
  { change, seen, known, unordered }: Leave,
  described: AnnouncementNote | undefined,
  signal: AbortSignal,
): Promise<Notice | undefined> {
  if (seen.versionId === undefined) {
    return { announcement: { name: seen.key, seq: formatSeq(seen.sequencer), gone: true } };
  }
  const added = change.kind === "added" && change.versionId === seen.versionId ? change : undefined;
  if (added?.size !== undefined) checkSize(added.size, ports.maxFileBytes);
  const notice = (added && described) ?? known;
  if (!unordered) return notice ?? (await describeFile(ports, seen, signal));
  // Nothing is packed for what may not say so. [NF-8.4]
  return withoutSeq(notice ?? (await describeFile({ ...ports, pack: undefined }, seen, signal)));
}
