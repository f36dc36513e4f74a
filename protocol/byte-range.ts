import type { Extent } from "./chunk.ts";
import { RequestError } from "./errors.ts";

/** A requested range: from an offset to an inclusive last byte (absent: to the end), or the last `suffix` bytes. */
export type ByteRange = { first: number; last?: number } | { suffix: number };

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/; // RFC 9110 §5.6.2

/**
 * Parses a `Range` header (RFC 9110 §14.2). Undefined for a unit other than bytes, which is ignored. [NF-5.3]
 *
 * @throws {RequestError} `bad-request` if malformed, `out-of-range` for several ranges.
 */
export function parseRangeHeader(header: string): ByteRange | undefined {
  const trimmed = header.trim();
  const equals = trimmed.indexOf("=");
  const unit = trimmed.slice(0, Math.max(0, equals));
  if (!TOKEN.test(unit)) throw malformed();
  if (unit.toLowerCase() !== "bytes") return undefined;
  const elements = trimmed.slice(equals + 1).split(",");
  const texts = elements.map((element) => element.trim()).filter((text) => text !== ""); // §5.6.1: empty ones are legal
  const [range, ...more] = texts.map(parseRange);
  if (range === undefined) throw malformed();
  if (more.length > 0) throw new RequestError("out-of-range", "several ranges are not served"); // [NF-5.2]
  return range;
}

function parseRange(text: string): ByteRange {
  const [, first, last] = /^([0-9]*)-([0-9]*)$/.exec(text) ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) throw malformed();
  if (first === "") return { suffix: clamp(last) };
  if (last === "") return { first: clamp(first) };
  if (clamp(last) < clamp(first)) throw malformed();
  return { first: clamp(first), last: clamp(last) };
}

/** More digits than a safe integer are still a valid range, past the end of any file. */
function clamp(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER - 1);
}

function malformed(): RequestError {
  return new RequestError("bad-request", "the Range header is malformed");
}

/** Formats a range as the `Range` header of a request to S3. */
export function formatRangeHeader(range: ByteRange): string {
  if ("suffix" in range) return `bytes=-${range.suffix}`;
  return `bytes=${range.first}-${range.last ?? ""}`;
}

/** Reads `Content-Range: bytes a-b/total` (RFC 9110 §14.4); undefined if it is anything else. */
export function parseContentRange(header: string): (Extent & { total: number }) | undefined {
  const [, first, last, total] = /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15})$/i.exec(header) ?? [];
  if (first === undefined || last === undefined || total === undefined) return undefined;
  const offset = Number(first);
  const length = Number(last) - offset + 1;
  if (length < 1 || Number(last) >= Number(total)) return undefined;
  return { offset, length, total: Number(total) };
}
