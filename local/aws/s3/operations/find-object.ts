import { S3Error } from "../s3-error.ts";
import type { Bucket } from "../store/buckets.ts";
import type { ObjectVersion } from "../store/object-version.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { allows, onBucket, type S3Call } from "./operation.ts";

/**
 * An object to read: its bucket, and the version that is current or named.
 *
 * @throws {S3Error} `NoSuchKey` or `NoSuchVersion`; to a caller who may not list the bucket `AccessDenied`, as on AWS,
 * since the reply must not tell which keys exist. `MethodNotAllowed` for a delete marker that is named.
 */
export function findObject(
  call: S3Call,
  source: { bucket: string; key: string; versionId: string | undefined },
): { bucket: Bucket; version: ObjectVersion } {
  const bucket = requireBucket(call.store, source.bucket);
  const version = call.store.objects.find(source.bucket, source.key, source.versionId);
  if (version !== undefined && !version.deleteMarker) return { bucket, version };
  if (!allows(call, onBucket(source, "s3:ListBucket"))) throw new S3Error("AccessDenied");

  const headers: Record<string, string> =
    version === undefined ? {} : { "x-amz-delete-marker": "true", "x-amz-version-id": version.versionId };
  if (source.versionId === undefined) {
    throw new S3Error("NoSuchKey", undefined, { details: { Key: source.key }, headers });
  }
  throw new S3Error(version === undefined ? "NoSuchVersion" : "MethodNotAllowed", undefined, {
    details: { Key: source.key, VersionId: source.versionId },
    headers,
  });
}
