import {
  type DeleteMarkerEntry,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
} from "@aws-sdk/client-s3";
import type { FilesBucket } from "./files-bucket.ts";

/** A version of a file, or the marker that it was deleted. */
export type Version = {
  versionId: string;
  current: boolean;
  /** When it came, as an ISO date. */
  at: string;
} & ({ deleted: true } | { deleted: false; bytes: number; etag: string });

/** What a key has held, newest first, as far as S3 still keeps it. Empty if there never was anything. */
export async function listVersions(
  { client, bucket }: FilesBucket,
  key: string,
  signal: AbortSignal,
): Promise<Version[]> {
  const versions: Version[] = [];
  let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (next !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...next }),
      { abortSignal: signal },
    );
    versions.push(...versionsOf(page, key));
    next = nextPage(page, key);
  }
  // The SDK has versions and markers apart, each newest first; of two within the same second the order is lost.
  return versions.sort(
    (a, b) => Number(b.current) - Number(a.current) || Date.parse(b.at) - Date.parse(a.at),
  );
}

function versionsOf(
  { Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput,
  key: string,
): Version[] {
  const shared = (found: ObjectVersion | DeleteMarkerEntry) => ({
    versionId: found.VersionId ?? "null",
    current: found.IsLatest === true,
    at: found.LastModified?.toISOString() ?? "",
  });
  return [
    ...Versions.filter(({ Key }) => Key === key).map((found) => ({
      ...shared(found),
      deleted: false as const,
      bytes: found.Size ?? 0,
      etag: (found.ETag ?? "").replaceAll('"', ""),
    })),
    ...DeleteMarkers.filter(({ Key }) => Key === key).map((found) => ({
      ...shared(found),
      deleted: true as const,
    })),
  ];
}

/** Keys that begin with this one come after it: once there is another, this one is through. */
function nextPage(page: ListObjectVersionsCommandOutput, key: string) {
  const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
  if (IsTruncated !== true || NextKeyMarker !== key) return undefined;
  return {
    KeyMarker: NextKeyMarker,
    ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
  };
}
