import { createHash } from "node:crypto";
import type { OpenFile } from "../ports.ts";

/** What reading a file once tells of it. */
export type ReadContent = {
  /** Bytes. */
  size: number;
  /** Unpadded base64url. */
  sha256: string;
  /** All of it, if it is no longer than was to be kept. */
  whole: Uint8Array | undefined;
  /** Its beginning and its middle: enough to see whether it can be compressed. */
  sample: Uint8Array;
};

/** Bytes of each part of the sample. */
const SAMPLE_BYTES = 64 * 1024;

/** Reads a file to its end, in constant memory unless it has at most `keepBytes`. */
export async function readContent(
  { size, bytes }: OpenFile,
  keepBytes: number,
  signal: AbortSignal,
): Promise<ReadContent> {
  const hash = createHash("sha256");
  const whole = size <= keepBytes ? new Uint8Array(size) : undefined;
  const sample = createSample(size);
  let at = 0;
  try {
    for await (const piece of bytes) {
      hash.update(piece);
      whole?.set(piece, at);
      sample.add(piece, at);
      at += piece.length;
    }
  } catch (error) {
    signal.throwIfAborted(); // the broken stream is only how the abort shows
    throw error;
  }
  return { size, sha256: hash.digest("base64url"), whole, sample: sample.bytes };
}

/** Takes the first bytes, and those from the middle on, from pieces as they come. */
function createSample(size: number): { bytes: Uint8Array; add(piece: Uint8Array, at: number): void } {
  const half = Math.min(SAMPLE_BYTES, Math.ceil(size / 2));
  const parts = [0, Math.max(half, Math.floor(size / 2))].map((from) => ({
    from,
    to: Math.min(size, from + half),
  }));
  const bytes = new Uint8Array(parts.reduce((sum, { from, to }) => sum + to - from, 0));
  return {
    bytes,
    add(piece, at) {
      let offset = 0;
      for (const { from, to } of parts) {
        const taken = piece.subarray(Math.max(0, from - at), Math.max(0, to - at));
        if (taken.length > 0) bytes.set(taken, offset + Math.max(0, at - from));
        offset += to - from;
      }
    },
  };
}
