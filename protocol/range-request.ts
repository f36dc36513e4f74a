import { type ByteRange, parseRangeHeader } from "./byte-range.ts";
import { type Asked, formatCondition, type Wanted } from "./chunk-request.ts";
import { RequestError } from "./errors.ts";
import { type EtagList, parseEtag, parseEtagList, unquoteEtag } from "./etag.ts";
import { formatPacked } from "./packed.ts";
import { parsePackedKey } from "./packed-key.ts";
import { decodeOnce, encodeKey, parseNumber, parseQuery } from "./query.ts";
import { checkRequestedKey } from "./requested-key.ts";
import { parseVersionId } from "./version-id.ts";

/**
 * Bytes by range. `etag` must be current, or the reply is 412; `ifRange`, only ever beside a range, must be current,
 * or the range is ignored. A condition that nothing can meet (a weak etag, RFC 9110 §13.1.1) is the empty string. Of a
 * file whose etag is in `ifNoneMatch`, nothing is read.
 */
export type RangeRequest = Wanted & {
  method: "GET" | "HEAD";
  range?: ByteRange | undefined;
  ifNoneMatch?: EtagList | undefined;
  ifRange?: string | undefined;
};

export type RangeHeaders = {
  range?: string | undefined;
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
  ifRange?: string | undefined;
};

const FIFTEEN_DIGITS = { max: 999_999_999_999_999, digits: 15 };

/** What follows the route's URL in a request for raw bytes. */
export function formatRangeRequest(request: Asked): string {
  if ("packed" in request) return `/packed/${formatPacked(request.packed)}`;
  const condition = formatCondition(request);
  return `/files/${encodeKey(request.key)}${condition && `?${condition}`}`;
}

/**
 * Parses a request of a range door; `rawName` is what follows `/files/` or `/packed/`, still encoded. [NF-5.4] [NF-5.5] [NF-5.9] [NF-10.1]
 *
 * @throws {RequestError} `bad-request`, `out-of-range` for several ranges, or `file-not-found` for a key that no file
 * can have.
 */
export function parseRangeRequest(
  method: "GET" | "HEAD",
  folder: "files" | "packed",
  rawName: string,
  rawQuery: string,
  headers: RangeHeaders,
): RangeRequest {
  const name = decodeOnce(rawName);
  if (name === "") throw new RequestError("bad-request", "the address names no file");
  const query = parseQuery(rawQuery, ["offset", "max", "etag", "version"]);
  const parameter = rangeOfParameters(query.get("offset"), query.get("max"));
  const etag = bothOf(parseIfMatch(headers.ifMatch), parseEtag(query.get("etag")));
  const ifNoneMatch = parseEtagList(headers.ifNoneMatch);
  const wanted = folder === "packed" ? wantedPacked(name) : wantedFile(name, query.get("version"));
  const common = { method, ...wanted, etag, ifNoneMatch };
  if (method === "HEAD") return common; // RFC 9110 §14.2: ranges are defined for GET alone
  const range = (headers.range === undefined ? undefined : parseRangeHeader(headers.range)) ?? parameter;
  if (range === undefined) return common; // §13.1.5: If-Range means nothing without a range
  return { ...common, range, ifRange: parseIfRange(headers.ifRange) };
}

function wantedPacked(name: string): Wanted {
  return { packed: true, key: parsePackedKey(name) };
}

function wantedFile(key: string, version: string | undefined): Wanted {
  checkRequestedKey(key);
  return { key, version: parseVersionId(version) };
}

function rangeOfParameters(offset: string | undefined, max: string | undefined): ByteRange | undefined {
  if (offset === undefined && max === undefined) return undefined;
  const first = parseNumber("offset", offset ?? "0", { min: 0, ...FIFTEEN_DIGITS });
  if (max === undefined) return { first };
  return { first, last: first + parseNumber("max", max, { min: 1, ...FIFTEEN_DIGITS }) - 1 };
}

/** `*` asks for any version; a list cannot be handed to S3 in one request and is refused. */
function parseIfMatch(header: string | undefined): string | undefined {
  const value = header?.trim();
  if (value === undefined || value === "*") return undefined;
  const etag = unquoteEtag(value);
  if (etag !== undefined) return etag;
  if (/^(?:W\/)?"[^"]*"$/.test(value)) return ""; // weak, or no ETag that S3 gives
  throw new RequestError("bad-request", "If-Match is not one etag");
}

function parseIfRange(header: string | undefined): string | undefined {
  return header === undefined ? undefined : (unquoteEtag(header.trim()) ?? "");
}

/** Two different etags are never both current. */
function bothOf(header: string | undefined, parameter: string | undefined): string | undefined {
  if (header !== undefined && parameter !== undefined && header !== parameter) return "";
  return header ?? parameter;
}
