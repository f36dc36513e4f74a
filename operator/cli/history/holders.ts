import type { Delivery } from "../../../protocol/delivery-state.ts";
import { shortSha256 } from "../../../protocol/inventory.ts";
import type { Version } from "../../cloud/files/list-versions.ts";

type Kept = Extract<Version, { deleted: false }>;

/** Which devices have which content of a file: their UIDs by the beginning of its SHA-256. */
export type Holders = Map<string, string[]>;

/** By what is at each device's path: what it was told, or failed with, is not what it has. */
export function holdersOf(deliveries: readonly Delivery[]): Holders {
  const holders: Holders = new Map();
  for (const { device, placed } of deliveries) {
    if (placed?.sha256 === undefined) continue;
    const content = shortSha256(placed.sha256);
    holders.set(content, [...(holders.get(content) ?? []), device]);
  }
  for (const devices of holders.values()) devices.sort();
  return holders;
}

/**
 * The contents of versions, by their ids, as far as the announcements tell: the notifier has read what it announced. One ETag is one
 * content of one key; a manifest names versions by their ids.
 *
 * @param named contents of versions that older manifests had
 */
export function contentsByAnnouncement(
  key: string,
  versions: readonly Version[],
  deliveries: readonly Delivery[],
  named: Iterable<readonly [versionId: string, sha256: string]> = [],
): Map<string, string> {
  const told = new Map(named);
  for (const { announced } of deliveries) {
    if (announced?.key !== key) continue;
    told.set(announced.versionId, announced.sha256);
    if (announced.etag !== "") told.set(announced.etag, announced.sha256);
  }
  const contents = new Map<string, string>();
  for (const version of versions) {
    const sha256 = version.deleted ? undefined : (told.get(version.versionId) ?? told.get(version.etag));
    if (sha256 !== undefined) contents.set(version.versionId, sha256);
  }
  return contents;
}

/**
 * Finds the versions whose contents devices have and no announcement tells, by reading: the newest first, each content once, until
 * none is missing or too much would be read.
 *
 * @param contents of versions by their ids; what is found is added
 */
export async function readMissing(
  versions: readonly Version[],
  contents: Map<string, string>,
  holders: Holders,
  digest: (version: Kept) => Promise<string>,
  mostBytes: number,
): Promise<void> {
  const missing = new Set(holders.keys());
  for (const sha256 of contents.values()) missing.delete(shortSha256(sha256));
  const byEtag = new Map<string, string>();
  let left = mostBytes;
  for (const version of versions) {
    if (version.deleted || contents.has(version.versionId)) continue;
    let sha256 = byEtag.get(version.etag);
    if (sha256 === undefined) {
      if (missing.size === 0 || version.bytes > left) continue;
      left -= version.bytes;
      sha256 = await digest(version);
      byEtag.set(version.etag, sha256);
      missing.delete(shortSha256(sha256));
    }
    contents.set(version.versionId, sha256);
  }
}
