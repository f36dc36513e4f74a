import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { PACKED_WINDOW_LOG_MAX } from "../../../protocol/limits.ts";
import { windowLogOf } from "./levels.ts";

/** Between two pieces the event loop, and an abort, get their turn. */
const PIECE_BYTES = 128 * 1024;

/** Text that zstd takes for a trained dictionary at its beginning, and for raw content elsewhere. RFC 8878 §5 */
const DICTIONARY_MAGIC = Buffer.from([0x37, 0xa4, 0x30, 0xec]);

/** Whether every reader takes it as raw content. [NF-10.3] */
export function canBeBase(base: Uint8Array): boolean {
  return base.length >= 8 && !DICTIONARY_MAGIC.equals(base.subarray(0, 4));
}

/** Contents of which a patch may do without the size in its head: the announcement tells it. */
const SMALL_BYTES = 64 * 1024;

export type Packing = {
  /** Bytes of the content. */
  size: number;
  level: number;
  base?: Uint8Array | undefined;
  /** More are of no use. */
  maxBytes: number;
};

/**
 * One zstd frame, without a checksum, made in Node's thread pool. [NF-10.3]
 *
 * @returns undefined as soon as it has more than `maxBytes`.
 */
export async function compress(
  content: AsyncIterable<Uint8Array> | Uint8Array,
  { size, level, base, maxBytes }: Packing,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const encoder = createZstdCompress({
    ...(base === undefined ? {} : { dictionary: Buffer.from(base.buffer, base.byteOffset, base.length) }),
    pledgedSrcSize: size,
    chunkSize: PIECE_BYTES,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: windowLogOf(size, base?.length ?? 0),
      [constants.ZSTD_c_checksumFlag]: 0, // the SHA-256 is checked anyway
      // Up to three bytes of a frame's head, for which a reader would have to hold all of the window.
      [constants.ZSTD_c_contentSizeFlag]: base === undefined || size > SMALL_BYTES ? 1 : 0,
    },
  });
  const pieces: Uint8Array[] = [];
  const tooLong = new Error("the frame is too long to be of use");
  let length = 0;
  try {
    await pipeline(
      toStream(content),
      encoder,
      async (frame: AsyncIterable<Uint8Array>) => {
        for await (const piece of frame) {
          length += piece.length;
          if (length > maxBytes) throw tooLong;
          pieces.push(piece);
        }
      },
      { signal },
    );
  } catch (error) {
    if (error === tooLong) return undefined;
    throw error;
  }
  return Buffer.concat(pieces, length);
}

/** Whether a device that holds no more than it must gets exactly this content from a frame. [NF-10.3] */
export async function unpacksTo(
  { size, sha256 }: { size: number; sha256: string },
  frame: Uint8Array,
  base: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const decoder = createZstdDecompress({
    ...(base === undefined ? {} : { dictionary: Buffer.from(base.buffer, base.byteOffset, base.length) }),
    chunkSize: PIECE_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: PACKED_WINDOW_LOG_MAX },
  });
  const hash = createHash("sha256");
  let length = 0;
  try {
    await pipeline(
      toStream(frame),
      decoder,
      async (content: AsyncIterable<Uint8Array>) => {
        for await (const piece of content) {
          length += piece.length;
          if (length > size) return;
          hash.update(piece);
        }
      },
      { signal },
    );
  } catch {
    signal.throwIfAborted();
    return false; // nothing but the frame can be wrong here
  }
  return length === size && hash.digest("base64url") === sha256;
}

function toStream(content: AsyncIterable<Uint8Array> | Uint8Array): Readable {
  return content instanceof Uint8Array ? Readable.from(piecesOf(content)) : Readable.from(content);
}

function* piecesOf(content: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += PIECE_BYTES) yield content.subarray(at, at + PIECE_BYTES);
}
