import type { ByteRange } from "../../../protocol/byte-range.ts";
import { isListed } from "../../../protocol/etag.ts";
import { RANGE_MAX_BYTES } from "../../../protocol/limits.ts";
import type { RangeRequest } from "../../../protocol/range-request.ts";
import type { FileHead, FilePart, FileSource, Presign, TooBig } from "../ports.ts";
import { checkWanted, headOfEmptyFile, refusal } from "./file-access.ts";

/** What the range door answers: a part (206), the whole file (200), what is known of it (HEAD), that it is known (304), or where it is (307). */
export type Ranged =
  | ({ kind: "part" } & FilePart)
  | ({ kind: "whole" } & FilePart)
  | ({ kind: "head" } & FileHead)
  | { kind: "known"; etag: string }
  | { kind: "elsewhere"; url: string };

/**
 * Reads a range of a file. Only If-None-Match, a failed If-Range and an empty file of unknown etag cost a second request.
 *
 * @param presign for a caller who may be sent to the store for more than 4 MiB [NF-12.5]
 * @throws {RequestError}
 */
export async function serveRange(
  request: RangeRequest,
  files: FileSource,
  signal: AbortSignal,
  presign?: Presign,
): Promise<Ranged> {
  checkWanted(request);
  const { key, version, range, etag, ifNoneMatch } = request;
  if (ifNoneMatch !== undefined || request.method === "HEAD") {
    const head = await files.head({ key, version, ifMatch: etag, signal });
    if (head.outcome !== "found") throw refusal(key, head);
    if (isListed(head.etag, ifNoneMatch)) return { kind: "known", etag: head.etag }; // [NF-5.9]
    if (request.method === "HEAD") return { kind: "head", ...head }; // RFC 9110 §14.2: no ranges of a HEAD
  }
  if (range === undefined || !mayHold(request)) return serveWhole(request, files, signal, presign);
  const read = await files.read({
    key,
    version,
    range: firstBytes(range, presign === undefined ? RANGE_MAX_BYTES : RANGE_MAX_BYTES + 1),
    maxBytes: RANGE_MAX_BYTES,
    maxLength: presign === undefined ? undefined : RANGE_MAX_BYTES,
    ifMatch: etag ?? request.ifRange,
    signal,
  });
  if (read.outcome === "found") return { kind: "part", ...read };
  const ifRangeFailed = read.outcome === "changed" && etag === undefined;
  if (ifRangeFailed) return serveWhole(request, files, signal, presign); // [NF-5.5]
  if (read.outcome !== "too-big") throw refusal(key, read);
  // What has no id has no URL that stays that version's: it is served as to anybody else.
  return elsewhere(key, read, presign) ?? serveRange(request, files, signal);
}

/** An If-Range that is weak, a date, or another version than If-Match wants has failed already. [NF-5.5] */
function mayHold({ ifRange, etag }: RangeRequest): boolean {
  if (ifRange === undefined) return true;
  return ifRange !== "" && (etag === undefined || etag === ifRange);
}

/** The range's first bytes, 4 MiB or so. Only S3 knows where a suffix starts, so its rest goes unread. [NF-5.6] */
function firstBytes(range: ByteRange, most: number): ByteRange {
  if ("suffix" in range) return range;
  const last = range.first + most - 1;
  return { first: range.first, last: Math.min(range.last ?? last, last) };
}

async function serveWhole(
  request: RangeRequest,
  files: FileSource,
  signal: AbortSignal,
  presign: Presign | undefined,
): Promise<Ranged> {
  const { key, version, etag } = request;
  const read = await files.read({
    key,
    version,
    range: { first: 0, last: RANGE_MAX_BYTES - 1 },
    maxBytes: RANGE_MAX_BYTES,
    maxTotal: RANGE_MAX_BYTES,
    ifMatch: etag,
    signal,
  });
  if (read.outcome === "found") return { kind: "whole", ...read };
  const there = read.outcome === "too-big" ? elsewhere(key, read, presign) : undefined;
  if (there !== undefined) return there;
  if (read.outcome !== "out-of-range" || read.total > 0) throw refusal(key, read);
  const head = await headOfEmptyFile(request, files, signal);
  return { kind: "whole", ...head, bytes: Buffer.alloc(0), offset: 0 };
}

/** [NF-12.5] */
function elsewhere(key: string, { version }: TooBig, presign: Presign | undefined): Ranged | undefined {
  if (presign === undefined || version === undefined) return undefined;
  return { kind: "elsewhere", url: presign({ key, version }) };
}
