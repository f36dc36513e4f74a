import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { ObjectVersion } from "../store/object-version.ts";
import { checkCopyConditions } from "./conditions.ts";
import { findObject } from "./find-object.ts";
import { onObject, type Permission, type S3Call } from "./operation.ts";

export type CopySource = { bucket: string; key: string; versionId: string | undefined };

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
  if (source.bucket === "" || source.key === "" || versionId === "") {
    throw new S3Error("InvalidArgument", "Invalid copy source object key");
  }
  return source;
}

/** What reading the source needs. */
export function copySourcePermission(request: S3Request): Permission {
  const source = readCopySource(request);
  return onObject(source, source.versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion");
}

/** @throws {S3Error} if there is no such object, or if a condition on it is not met. */
export function findCopySource(call: S3Call): CopySource & { version: ObjectVersion } {
  const source = readCopySource(call.request);
  const { version } = findObject(call, source);
  checkCopyConditions(call.request, version);
  return { ...source, version };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Error("InvalidArgument", "Invalid copy source encoding.", { cause });
  }
}
