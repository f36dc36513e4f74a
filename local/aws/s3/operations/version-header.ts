import type { Bucket } from "../store/buckets.ts";

/** S3 tells version ids only for buckets that have, or had, versioning. */
export function versionHeader(bucket: Bucket, versionId: string | undefined): Record<string, string> {
  return bucket.versioning === "" || versionId === undefined ? {} : { "x-amz-version-id": versionId };
}
