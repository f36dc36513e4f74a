import zlib from "node:zlib";
import * as v from "valibot";
import { isEtag } from "./etag.ts";

/** Consecutive bytes of a file: the first one's offset, and how many. */
export type Extent = { offset: number; length: number };

/** Chunks in a file of `size` bytes; an empty file has one, which is empty. [NF-3.6] */
export function chunkCount(size: number, chunkSize: number): number {
  return Math.max(1, Math.ceil(size / chunkSize));
}

/** The bytes that chunk `chunk` (from 1) may hold; the last one may hold fewer. [NF-3.4] */
export function chunkExtent(chunk: number, chunkSize: number): Extent {
  return { offset: (chunk - 1) * chunkSize, length: chunkSize };
}

const ChunkReply = v.object({
  payload: v.string(),
  crc32: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)),
  chunk_num: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  total_chunks: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  etag: v.optional(v.pipe(v.string(), v.check(isEtag))),
});

/** A chunk as the wire carries it; member names are the original sample's. */
export type ChunkReply = v.InferOutput<typeof ChunkReply>;

/** A chunk whose checksum held. `etag` is absent only in the empty last chunk of the sample's door. */
export type Chunk = { bytes: Buffer; chunk: number; totalChunks: number; etag?: string | undefined };

export function formatChunk(chunk: Chunk): ChunkReply {
  const payload = chunk.bytes.toString("base64");
  return {
    payload,
    crc32: zlib.crc32(payload), // of the text, as the sample's hosts check it
    chunk_num: chunk.chunk,
    total_chunks: chunk.totalChunks,
    etag: chunk.etag,
  };
}

/** Reads a chunk reply; undefined if it is not one or its checksum does not hold. */
export function parseChunk(body: unknown): Chunk | undefined {
  const parsed = v.safeParse(ChunkReply, body);
  if (!parsed.success) return undefined;
  const { payload, chunk_num: chunk, total_chunks: totalChunks, etag } = parsed.output;
  if (zlib.crc32(payload) !== parsed.output.crc32) return undefined;
  const bytes = Buffer.from(payload, "base64");
  if (bytes.toString("base64") !== payload) return undefined; // Node skips what is not base64
  return { bytes, chunk, totalChunks, etag };
}
