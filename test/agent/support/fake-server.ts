import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { chunkCount, chunkExtent, formatChunk } from "../../../protocol/chunk.ts";
import { errorBody, RequestError } from "../../../protocol/errors.ts";
import { parseRequest } from "../../../protocol/request.ts";

export const etagOf = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

/** A reply: JSON, or raw bytes with the size of the whole file and where they are from. */
export type Served =
  | { status: number; json: object; bytes: number }
  | { status: 206; raw: Buffer; first: number; total: number };

/** Where `serve` finds one version of a file. */
export const versionedKey = (key: string, version: string): string => `version:${version} ${key}`;

/** Answers as the file-server does, from memory. `bytes` counts those of the file. */
export function serve(files: ReadonlyMap<string, Buffer>, target: string, range: string | undefined): Served {
  const [rawPath = "", rawQuery = ""] = target.split("?");
  try {
    const headers = range === undefined ? {} : { range };
    const parsed = parseRequest({ method: "GET", rawPath, rawQuery, headers });
    const { key, version } = parsed;
    const bytes = files.get(
      parsed.packed ? `packed:${key}` : version === undefined ? key : versionedKey(key, version),
    );
    if (bytes === undefined) throw new RequestError("file-not-found", "no such file");
    const etag = etagOf(bytes);
    if (parsed.etag !== undefined && parsed.etag !== etag)
      throw new RequestError("file-changed", "another version");
    if (parsed.door === "range") {
      const { first, last = bytes.length } =
        parsed.range !== undefined && "first" in parsed.range ? parsed.range : { first: 0 };
      const raw = bytes.subarray(first, last + 1);
      if (raw.length === 0) throw new RequestError("out-of-range", "past the end");
      return { status: 206, raw, first, total: bytes.length };
    }
    const { offset, length } = chunkExtent(parsed.chunk, parsed.size);
    if (offset >= bytes.length && bytes.length > 0) throw new RequestError("out-of-range", "past the end");
    const part = bytes.subarray(offset, offset + length);
    const chunk = {
      bytes: part,
      chunk: parsed.chunk,
      totalChunks: chunkCount(bytes.length, parsed.size),
      etag,
    };
    return { status: 200, json: formatChunk(chunk), bytes: part.length };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { status: error.status, json: errorBody(error), bytes: 0 };
  }
}

/** Sends what `serve` gave. */
export function sendServed(served: Served, response: ServerResponse): void {
  if ("json" in served) {
    response
      .writeHead(served.status, { "content-type": "application/json" })
      .end(JSON.stringify(served.json));
    return;
  }
  const { raw, first, total } = served;
  const contentRange = `bytes ${first}-${first + raw.length - 1}/${total}`;
  response.writeHead(206, { "content-range": contentRange, "content-length": raw.length }).end(raw);
}
