import { type Chunk, chunkCount, chunkExtent } from "../../../protocol/chunk.ts";
import type { ChunkRequest } from "../../../protocol/chunk-request.ts";
import { RequestError } from "../../../protocol/errors.ts";
import type { FileSource } from "../ports.ts";
import { checkWanted, headOfEmptyFile, refusal } from "./file-access.ts";

const NOTHING = Buffer.alloc(0);

/**
 * Reads one chunk of a file, by one request to the store for exactly its bytes. [NF-3.5]
 *
 * @throws {RequestError}
 */
export async function serveChunk(
  request: ChunkRequest & { door: "chunk" | "sample" },
  files: FileSource,
  signal: AbortSignal,
): Promise<Chunk> {
  checkWanted(request);
  const { key, version, chunk, etag } = request;
  const { offset, length } = chunkExtent(chunk, request.size);
  const read = await files.read({
    key,
    version,
    range: { first: offset, last: offset + length - 1 },
    maxBytes: length,
    ifMatch: etag,
    signal,
  });
  if (read.outcome === "found") {
    return { bytes: read.bytes, chunk, totalChunks: toldChunks(request, read.total), etag: read.etag };
  }
  if (read.outcome !== "out-of-range") throw refusal(key, read);
  const totalChunks = toldChunks(request, read.total);
  if (chunk > totalChunks) throw new RequestError("out-of-range", "the file has fewer chunks");
  if (read.total === 0) {
    const { etag: current } = await headOfEmptyFile(request, files, signal); // [NF-3.6]
    return { bytes: NOTHING, chunk, totalChunks, etag: current };
  }
  return { bytes: NOTHING, chunk, totalChunks, etag }; // [NF-4.2]
}

/** The sample's hosts stop before the last chunk they are told of, so they are told of one more. [NF-4.2] */
function toldChunks(request: { door: "chunk" | "sample"; size: number }, total: number): number {
  const chunks = chunkCount(total, request.size);
  return request.door === "sample" && chunks > 1 ? chunks + 1 : chunks;
}
