import { type ChunkRequest, parseChunkRequest } from "./chunk-request.ts";
import { RequestError } from "./errors.ts";
import { parseRangeRequest, type RangeHeaders, type RangeRequest } from "./range-request.ts";

/** An HTTP request as a door sees it: path and query still percent-encoded. */
export type RawRequest = { method: string; rawPath: string; rawQuery: string; headers: RangeHeaders };

/** A parsed request, by the door it came through. */
export type FileRequest = ({ door: "chunk" | "sample" } & ChunkRequest) | ({ door: "range" } & RangeRequest);

/**
 * Parses a request at the door it names. A doubled or a trailing slash is tolerated, since route URLs and names
 * are joined by hand. [NF-3.8]
 *
 * @throws {RequestError} `bad-request`, `file-not-found` for a key that no file can have, `no-such-door` for an unknown path,
 * `method`, `out-of-range`.
 */
export function parseRequest(request: RawRequest): FileRequest {
  const path = trimSlashes(request.rawPath);
  if (path === "" || path === "sample") {
    if (request.method !== "GET") throw wrongMethod("GET");
    const door = path === "" ? "chunk" : "sample";
    return { door, ...parseChunkRequest(request.rawQuery, door) };
  }
  const named = namedByRange(request.rawPath);
  if (named === undefined) throw new RequestError("no-such-door", "nothing is served at this path");
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") throw wrongMethod("GET, HEAD");
  const { folder, rawName } = named;
  return { door: "range", ...parseRangeRequest(method, folder, rawName, request.rawQuery, request.headers) };
}

/** What the path of a range door names, still encoded; undefined for any other path. */
export function namedByRange(rawPath: string): { folder: "files" | "packed"; rawName: string } | undefined {
  const [, folder, rawName = ""] = /^(files|packed)(?:\/+(.*))?$/s.exec(trimSlashes(rawPath)) ?? [];
  return folder === "files" || folder === "packed" ? { folder, rawName } : undefined;
}

/** A regular expression for the end would take quadratic time on a long run of slashes in the middle. */
function trimSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (path[start] === "/") start += 1;
  while (end > start && path[end - 1] === "/") end -= 1;
  return path.slice(start, end);
}

function wrongMethod(allow: string): RequestError {
  return new RequestError("method", `the methods served here: ${allow}`, { allow });
}
