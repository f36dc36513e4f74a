import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { ObjectVersion } from "../store/object-version.ts";
import { requireBucket } from "../store/require-bucket.ts";
import type { Store } from "../store/store.ts";
import { checkCopyConditions } from "./conditions.ts";
import { findObject } from "./find-object.ts";
import { onObject, type Permission, type S3Call } from "./operation.ts";
import { versionHeader } from "./version-header.ts";
import { parseVersionId } from "./version-id.ts";

export type CopySource = { bucket: string; key: string; versionId: string | undefined };
type FoundSource = CopySource & { version: ObjectVersion };

/**
 * Reads `x-amz-copy-source: /bucket/key?versionId=id`, URL-encoded.
 *
 * @throws {S3Error} `InvalidArgument`
 */
function readCopySource(request: S3Request): CopySource {
  const [encoded = "", versionId] = (request.header("x-amz-copy-source") ?? "").split("?versionId=");
  const path = decode(encoded).replace(/^\//, "");
  const slash = path.indexOf("/");
  const source = { bucket: path.slice(0, Math.max(0, slash)), key: path.slice(slash + 1), versionId };
  if (source.bucket === "" || source.key === "") {
    throw new S3Error("InvalidArgument", "Invalid copy source object key");
  }
  if (versionId !== undefined) parseVersionId(versionId);
  return source;
}

/** The permission that reading the source needs. */
export function copySourcePermission(request: S3Request): Permission {
  const source = readCopySource(request);
  return onObject(source, source.versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion");
}

/** @throws {S3Error} if there is no such object, or if a condition on it is not met. */
export function findCopySource(call: S3Call): FoundSource {
  const source = readCopySource(call.request);
  const { version } = findSource(call, source);
  checkCopyConditions(call.request, version);
  return { ...source, version };
}

function findSource(call: S3Call, source: CopySource) {
  try {
    return findObject(call, source);
  } catch (cause) {
    if (!(cause instanceof S3Error) || cause.code !== "MethodNotAllowed") throw cause;
    const message =
      "The source of a copy request may not specifically refer to a delete marker by version id.";
    throw new S3Error("InvalidRequest", message, { cause });
  }
}

/** Which version was copied, where the source's bucket tells versions. */
export function copySourceVersion(store: Store, { bucket, version }: FoundSource): Record<string, string> {
  const [versionId] = Object.values(versionHeader(requireBucket(store, bucket), version.versionId));
  return versionId === undefined ? {} : { "x-amz-copy-source-version-id": versionId };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Error("InvalidArgument", "Invalid copy source encoding.", { cause });
  }
}
