import { RequestError } from "./errors.ts";
import { parseEtag } from "./etag.ts";
import { CHUNK_DEFAULT_BYTES, CHUNK_MAX_BYTES, SAMPLE_CHUNK_BYTES } from "./limits.ts";
import { formatPacked, type Packed } from "./packed.ts";
import { parsePackedKey } from "./packed-key.ts";
import { encodeKey, parseNumber, parseQuery } from "./query.ts";
import { checkRequestedKey } from "./requested-key.ts";
import { parseVersionId } from "./version-id.ts";

/** What is asked for: a file, perhaps of one etag or one VersionId [NF-3.10], or packed content [NF-10.1]. */
export type Asked =
  | { key: string; etag?: string | undefined; version?: string | undefined }
  | { packed: Packed };

/** A file, or packed content by its key in the packed bucket. `version` is a VersionId, which is then asked for instead of what is current. */
export type Wanted = { packed?: true; key: string; etag?: string | undefined; version?: string | undefined };

/** A chunk by number. `size` is bytes per chunk, `chunk` counts from 1. */
export type ChunkRequest = Wanted & { chunk: number; size: number };

/** What follows the route's URL in a request for a chunk: the `name` of a Notecard's `web.get`. */
export function formatChunkRequest(request: Asked & { chunk: number; size: number }): string {
  const { chunk, size } = request;
  if ("packed" in request) return `/?packed=${formatPacked(request.packed)}&chunk=${chunk}&size=${size}`;
  const condition = formatCondition(request);
  return `/?file=${encodeKey(request.key)}&chunk=${chunk}&size=${size}${condition && `&${condition}`}`;
}

/** The query's member that names one version; empty if none is named. */
export function formatCondition({
  etag,
  version,
}: {
  etag?: string | undefined;
  version?: string | undefined;
}): string {
  const named = [
    ...(etag === undefined ? [] : [`etag=${etag}`]),
    ...(version === undefined ? [] : [`version=${encodeURIComponent(version)}`]),
  ];
  return named.join("&");
}

/**
 * Parses the query of the chunk door, or of the sample's, whose chunk size is fixed and which knows nothing packed. [NF-3.1] [NF-4.1] [NF-10.1]
 *
 * @throws {RequestError} `bad-request`, or `file-not-found` for a key that no file can have.
 */
export function parseChunkRequest(rawQuery: string, door: "chunk" | "sample"): ChunkRequest {
  const query = parseQuery(rawQuery, ["file", "packed", "chunk", "size", "etag", "version"]);
  const packed = door === "chunk" ? query.get("packed") : undefined;
  const key = query.get("file") ?? (packed === undefined ? undefined : parsePackedKey(packed));
  if (key === undefined || key === "") throw new RequestError("bad-request", "the parameter file is missing");
  if (packed !== undefined && query.has("file"))
    throw new RequestError("bad-request", "file and packed are two things to ask for");
  const chunk = parseNumber("chunk", query.get("chunk") ?? "1", { min: 1, max: 9_999_999_999, digits: 10 });
  const size = parseNumber("size", query.get("size") ?? String(CHUNK_DEFAULT_BYTES), {
    min: 1,
    max: CHUNK_MAX_BYTES,
    digits: 10,
  });
  const etag = parseEtag(query.get("etag"));
  const chunked = { key, chunk, size: door === "sample" ? SAMPLE_CHUNK_BYTES : size, etag };
  if (packed !== undefined) return { packed: true, ...chunked };
  checkRequestedKey(key);
  return { ...chunked, version: parseVersionId(query.get("version")) };
}
