import { ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Listing } from "../fleet/ports.ts";
import { decodeKey } from "../message/s3-event.ts";

/** The versions of the files bucket, a thousand at a time. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export function createS3Listing(s3: S3Client, bucket: string): Listing {
  return {
    async page(prefix, { keyMarker, versionIdMarker }, signal) {
      const command = new ListObjectVersionsCommand({
        ...{ Bucket: bucket, Prefix: prefix, EncodingType: "url" }, // XML cannot hold every character of a key
        ...{ KeyMarker: keyMarker, VersionIdMarker: versionIdMarker },
      });
      const reply = await s3.send(command, { abortSignal: signal });
      const current = new Map<string, string | undefined>();
      let last: string | undefined;
      const see = (encoded: string | undefined) => {
        const key = decodeKey(encoded ?? "") ?? "";
        if (last === undefined || Buffer.compare(Buffer.from(key), Buffer.from(last)) > 0) last = key;
        return key;
      };
      for (const { Key, VersionId, IsLatest } of reply.Versions ?? []) {
        const key = see(Key);
        if (IsLatest) current.set(key, VersionId);
      }
      for (const { Key, IsLatest } of reply.DeleteMarkers ?? []) {
        const key = see(Key);
        if (IsLatest) current.set(key, undefined);
      }
      const { IsTruncated = false, NextKeyMarker, NextVersionIdMarker } = reply;
      const more = IsTruncated && NextKeyMarker !== undefined;
      const marker = decodeKey(NextKeyMarker ?? "") ?? "";
      return {
        ...{ current, last },
        next: more ? { keyMarker: marker, versionIdMarker: NextVersionIdMarker } : undefined,
      };
    },
  };
}
