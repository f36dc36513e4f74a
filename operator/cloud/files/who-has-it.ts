import type { Delivery } from "../../../protocol/delivery-state.ts";
import { shortSha256 } from "../../../protocol/inventory.ts";
import { isLater } from "../../../protocol/report-order.ts";
import { fleetOf, keyByManifest } from "../fleets/key-by-manifest.ts";
import type { Fleets } from "../fleets/open-fleets.ts";
import type { DeliveryQuestions } from "../open-deliveries.ts";
import { take } from "../take.ts";
import { digestFile } from "./digest-file.ts";
import type { FilesBucket } from "./files-bucket.ts";
import { contentsByAnnouncement, holdersOf, readMissing } from "./holders.ts";
import type { Version } from "./list-versions.ts";

/** Bytes of old versions that are read to find out what devices have: files for a Notecard are small. */
const MOST_BYTES = 32 * 1024 ** 2;

/** Two versions with one content have the same devices. */
export type WhoHasIt = {
  /** Undefined for a version that would have had to be read, and was too large. */
  devicesOf(versionId: string): string[] | undefined;
  /** Devices that have a content of no version that is kept, or none that was read. */
  others: string[];
  /** Of how many devices of a fleet nobody knows what they have. */
  unknown: number;
  /** SHA-256 of versions by their ids, as far as they are known. */
  contents: ReadonlyMap<string, string>;
};

async function rowsOf(table: DeliveryQuestions, key: string): Promise<Delivery[]> {
  return await table.whole(await take(table.everyOfFile(key), Number.POSITIVE_INFINITY));
}

/** Of a version that failed what was there before may have come with a manifest, of which no receipt tells: an older "nothing" says little. */
function isUnknown({ placed, reported }: Delivery): boolean {
  if (placed === undefined) return true;
  return placed.sha256 === undefined && reported !== undefined && isLater(reported, placed);
}

export type AskedWhoHasIt = {
  bucket: FilesBucket;
  deliveries: DeliveryQuestions;
  fleets: Fleets;
  defaultTarget: string | undefined;
};

/** Reads the file's devices, and of old versions only what a device has and no announcement tells. */
export async function whoHasIt(
  asked: AskedWhoHasIt,
  key: string,
  versions: readonly Version[],
  signal: AbortSignal,
): Promise<WhoHasIt> {
  const { bucket, defaultTarget } = asked;
  const fleet = fleetOf(key, defaultTarget);
  const byManifest = fleet && (await keyByManifest(asked, key, fleet, undefined));
  const deliveries = byManifest
    ? byManifest.files.map(({ delivery }) => delivery)
    : await rowsOf(asked.deliveries, key);
  const named = (byManifest ? byManifest.files : []).flatMap(({ brought }) =>
    brought === undefined ? [] : [[brought.version, brought.sha256] as const],
  );
  const holders = holdersOf(deliveries);
  const contents = contentsByAnnouncement(key, versions, deliveries, named);
  const digest = ({ versionId, etag }: { versionId: string; etag: string }) =>
    digestFile(bucket, { key, etag, versionId }, signal);
  await readMissing(versions, contents, holders, digest, MOST_BYTES);
  const told = new Set([...contents.values()].map(shortSha256));
  const others = [...holders].flatMap(([content, holding]) => (told.has(content) ? [] : holding));
  return {
    others,
    unknown: byManifest ? byManifest.unasked + deliveries.filter(isUnknown).length : 0,
    contents,
    devicesOf(versionId) {
      const sha256 = contents.get(versionId);
      if (sha256 !== undefined) return holders.get(shortSha256(sha256)) ?? [];
      return others.length === 0 ? [] : undefined;
    },
  };
}
