import { pipeline, Readable } from "node:stream";
import zlib from "node:zlib";
import { PACKED_WINDOW_LOG_MAX } from "../../protocol/limits.ts";
import { InstallFailed } from "../install/install-failed.ts";

/** What a frame has to give, in bytes; of a patch, `base` is the content that it starts from. */
export type Packing = { size: number; base?: Uint8Array | undefined };

/** Bytes that are handed on at a time. */
const SLICE_BYTES = 64 * 1024;

/**
 * Bytes that the decoder gives at a time, each in a new buffer. V8 frees such buffers when it collects young objects, and that it does
 * by their number: with 64 KiB each, 64 MiB of content took 12 MB more than with 4 KiB.
 */
const DECODED_BYTES = 4 * 1024;

/**
 * Unpacks a zstd frame while it is read. What comes out is counted, and the decoder's window bounded: a frame from a stranger may claim to
 * be anything. Whether it is the announced content, its SHA-256 tells. [NF-10.3] [NF-10.7]
 *
 * @param packed each piece may be valid only until the next is read, and so is each piece of the content
 * @throws {InstallFailed} `packing`: it is no such frame; or what reading `packed` throws.
 */
export async function* unpack(
  packed: AsyncIterable<Buffer>,
  { size, base }: Packing,
): AsyncGenerator<Buffer> {
  let taken = 0;
  let unreadable: unknown;
  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      for await (const piece of packed) {
        taken += piece.length;
        yield Buffer.from(piece);
      }
    } catch (error) {
      unreadable = error;
      throw error;
    }
  }
  const decoder = createDecoder(base);
  pipeline(Readable.from(pieces(), { highWaterMark: 1 }), decoder, () => undefined); // its failure shows below
  let given = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const bytes of decoder) {
      given += bytes.length;
      if (given > size) throw new InstallFailed("packing", `it unpacks to more than ${size} bytes`);
      yield bytes;
    }
  }
  try {
    yield* inSlices(counted());
  } catch (error) {
    if (unreadable !== undefined) throw unreadable;
    if (error instanceof InstallFailed || !(error instanceof Error)) throw error;
    throw new InstallFailed("packing", `it does not unpack: ${error.message}`, { cause: error });
  }
  if (decoder.bytesWritten < taken) throw new InstallFailed("packing", "something comes after the frame");
  if (given < size) throw new InstallFailed("packing", `it unpacks to ${given} of ${size} bytes`);
}

/** @throws {InstallFailed} `packing` for a base that libzstd takes for a trained dictionary, by its beginning, and a broken one. */
function createDecoder(base: Uint8Array | undefined): zlib.ZstdDecompress {
  try {
    return zlib.createZstdDecompress({
      chunkSize: DECODED_BYTES,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: PACKED_WINDOW_LOG_MAX },
      ...(base && { dictionary: Buffer.from(base.buffer, base.byteOffset, base.byteLength) }),
    });
  } catch (cause) {
    throw new InstallFailed("packing", "the file that is there cannot be a base", { cause });
  }
}

/** Gathers small pieces in one buffer for all. */
async function* inSlices(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const slice = Buffer.allocUnsafeSlow(SLICE_BYTES);
  let filled = 0;
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const copied = piece.copy(slice, filled, taken);
      taken += copied;
      filled += copied;
      if (filled < slice.length) continue;
      yield slice;
      filled = 0;
    }
  }
  if (filled > 0) yield slice.subarray(0, filled);
}
