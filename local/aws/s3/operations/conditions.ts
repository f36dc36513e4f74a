import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { Check } from "../store/object-changes.ts";
import type { ObjectVersion } from "../store/object-version.ts";

type Headers = Pick<S3Request, "header">;

/**
 * The conditions of a GET or HEAD, in the order of RFC 9110 §13.2.2.
 *
 * @throws {S3Error} `PreconditionFailed`, `NotModified`
 */
export function checkReadConditions(request: Headers, version: ObjectVersion): void {
  const modified = wholeSeconds(version.modified);
  const match = request.header("if-match");
  const unmodifiedSince = time(request.header("if-unmodified-since"));
  if (match !== undefined) {
    if (!listsEtag(match, version.etag)) throw failed("If-Match");
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw failed("If-Unmodified-Since");
  }
  const noneMatch = request.header("if-none-match");
  const modifiedSince = time(request.header("if-modified-since"));
  const notModified =
    noneMatch !== undefined
      ? listsEtag(noneMatch, version.etag)
      : modifiedSince !== undefined && modified <= modifiedSince;
  if (notModified) {
    const headers = { etag: `"${version.etag}"`, "last-modified": new Date(version.modified).toUTCString() };
    throw new S3Error("NotModified", undefined, { headers });
  }
}

/**
 * The conditions of a write, to be checked within its transaction: that is what makes one of several writers win.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @throws {S3Error} `NotImplemented` for `If-None-Match` with anything but `*`.
 */
export function writeConditions(request: Headers): Check {
  const matches = matchCondition(request.header("if-match"));
  const noneMatch = request.header("if-none-match");
  if (noneMatch !== undefined && noneMatch !== "*") {
    throw new S3Error("NotImplemented", "If-None-Match takes only * on a write.");
  }
  return (current) => {
    if (noneMatch === "*" && current !== undefined) throw failed("If-None-Match");
    matches(current);
  };
}

/**
 * The condition of a deletion, which looks at the current version alone.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 *
 * @param match an etag, `*` for any, or undefined where there is no condition.
 * @throws {S3Error} `NotImplemented` for a version that is named, as S3 answers.
 */
export function deleteCondition(match: string | undefined, versionId: string | undefined): Check {
  if (match !== undefined && versionId !== undefined) {
    throw new S3Error("NotImplemented", "If-Match does not go with a version id.");
  }
  return matchCondition(match);
}

function matchCondition(match: string | undefined): Check {
  return (current) => {
    if (match === undefined) return;
    if (current === undefined) throw new S3Error("NoSuchKey");
    if (match !== "*" && unquote(match) !== current.etag) throw failed("If-Match");
  };
}

/**
 * The conditions on the source of a copy; S3 answers 412 for each.
 *
 * @throws {S3Error} `PreconditionFailed`
 */
export function checkCopyConditions(request: Headers, source: ObjectVersion): void {
  try {
    checkReadConditions({ header: (name) => request.header(`x-amz-copy-source-${name}`) }, source);
  } catch (cause) {
    throw cause instanceof S3Error && cause.code === "NotModified"
      ? new S3Error("PreconditionFailed", undefined, { cause })
      : cause;
  }
}

/** Whether a range is to be served: `If-Range` is an etag or a date. */
export function meetsIfRange(request: Headers, version: ObjectVersion): boolean {
  const condition = request.header("if-range");
  if (condition === undefined) return true;
  return condition.startsWith('"')
    ? unquote(condition) === version.etag
    : time(condition) === wholeSeconds(version.modified);
}

function listsEtag(list: string, etag: string): boolean {
  return list.trim() === "*" || list.split(",").some((one) => unquote(one) === etag);
}

/** S3's clients give an etag with or without quotes. */
export function unquote(etag: string): string {
  return etag
    .trim()
    .replace(/^W\//, "")
    .replace(/^"(.*)"$/, "$1");
}

/** HTTP dates have no milliseconds. */
function wholeSeconds(time: number): number {
  return Math.floor(time / 1000) * 1000;
}

function time(header: string | undefined): number | undefined {
  const parsed = Date.parse(header ?? "");
  return Number.isNaN(parsed) ? undefined : parsed;
}

function failed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", undefined, { details: { Condition: condition } });
}
