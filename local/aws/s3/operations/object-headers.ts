import { checksumHeaders } from "../body/checksum.ts";
import { latin1, type S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { Bucket } from "../store/buckets.ts";
import type { ObjectProperties, ObjectVersion } from "../store/object-version.ts";
import { parseTagQuery } from "./tags.ts";

/** Headers that are stored as given and come back with the object. */
const STORED = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
] as const;

/** Kept among the stored headers: it comes back with the object, and in the replies to what makes it. */
const ENCRYPTION = "x-amz-server-side-encryption";

/** RFC 9110, section 5.6.2; a form's fields and a query may have other names. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;

const MOST_METADATA_BYTES = 2048;

/**
 * Accepted without effect: everything is stored alike.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
const STORAGE_CLASSES = new Set([
  ...["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER"],
  ...["DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE", "OUTPOSTS", "SNOW", "FSX_OPENZFS", "FSX_ONTAP"],
]);

/**
 * Reads what a client stores beside the bytes.
 *
 * @param names every header name, or field name of a form.
 * @param bucket whose encryption counts where the request asks for none.
 * @throws {S3Error}
 */
export function readProperties(
  request: Pick<S3Request, "header">,
  names: readonly string[],
  bucket: Pick<Bucket, "settings">,
): ObjectProperties {
  const storageClass = request.header("x-amz-storage-class");
  if (storageClass !== undefined && !STORAGE_CLASSES.has(storageClass)) {
    throw new S3Error("InvalidStorageClass");
  }
  const headers: Record<string, string> = {};
  for (const name of STORED) {
    const value = request.header(name);
    const kept = name === "content-encoding" && value !== undefined ? withoutAwsChunked(value) : value;
    if (kept !== undefined && kept !== "") headers[name] = safeHeader(kept);
  }
  const isEncrypted = bucket.settings.documents.ServerSideEncryptionConfiguration !== undefined;
  if (isEncrypted || request.header(ENCRYPTION) !== undefined) headers[ENCRYPTION] = "AES256"; // all else is refused
  const metadata = names
    .filter((name) => name.startsWith("x-amz-meta-"))
    .map((name): [string, string] => [
      name.slice("x-amz-meta-".length),
      safeHeader(request.header(name) ?? ""),
    ]);
  const unsendable = metadata.find(([name]) => !HEADER_NAME.test(name));
  if (unsendable !== undefined) {
    throw new S3Error("InvalidArgument", "A metadata name must be one that a header can have.");
  }
  const bytes = metadata.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > MOST_METADATA_BYTES) throw new S3Error("MetadataTooLarge");
  return { headers, metadata, tags: parseTagQuery(request.header("x-amz-tagging") ?? "") };
}

/** What replies tell of the encryption that was asked for; nothing is encrypted here. */
export function encryptionHeader({ headers }: Pick<ObjectProperties, "headers">): Record<string, string> {
  const encryption = headers[ENCRYPTION];
  return encryption === undefined ? {} : { [ENCRYPTION]: encryption };
}

export function withoutEncryption(headers: ObjectProperties["headers"]): ObjectProperties["headers"] {
  const { [ENCRYPTION]: _, ...others } = headers;
  return others;
}

/** The names under which `readProperties` finds a request's metadata. */
export function headerNames(request: S3Request): string[] {
  const hoisted = [...request.query.keys()].map((name) => name.toLowerCase());
  return [...new Set([...Object.keys(request.headers), ...hoisted])];
}

/** `aws-chunked` says how the body was sent, not what it is. */
function withoutAwsChunked(encoding: string): string {
  const kept = encoding.split(",").filter((each) => each.trim().toLowerCase() !== "aws-chunked");
  return kept.join(",").trim();
}

/** A form's fields and a query may hold what no header can. */
function safeHeader(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    throw new S3Error("InvalidArgument", "A header value has a control character.");
  }
  return /[\u0100-\uffff]/.test(value) ? latin1(value) : value;
}

/** The headers of a GET or HEAD, except those of the range. */
export function objectHeaders(
  version: ObjectVersion,
  bucket: Bucket,
  request: S3Request,
): Record<string, string | number> {
  const { headers, metadata, tags, checksum } = version.properties;
  const withChecksum = request.header("x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  return {
    etag: `"${version.etag}"`,
    "last-modified": new Date(version.modified).toUTCString(),
    "accept-ranges": "bytes",
    "content-type": "binary/octet-stream",
    ...headers,
    ...Object.fromEntries(metadata.map(([name, value]) => [`x-amz-meta-${name}`, value])),
    ...(tags.length > 0 ? { "x-amz-tagging-count": tags.length } : {}),
    ...(bucket.versioning === "" ? {} : { "x-amz-version-id": version.versionId }),
    ...(withChecksum && checksum !== undefined ? checksumHeaders(checksum) : {}),
    ...responseOverrides(request),
  };
}

/** `?response-content-type=` and its like, which a presigned URL can set. */
function responseOverrides({ query }: S3Request): Record<string, string> {
  const given = STORED.map((name) => [name, query.get(`response-${name}`)] as const);
  return Object.fromEntries(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, safeHeader(value)]])),
  );
}
