import { pipeline, Readable } from "node:stream";
import zlib from "node:zlib";
import { PACKED_WINDOW_LOG_MAX } from "../../protocol/limits.ts";
import { InstallFailed } from "../install/install-failed.ts";

/** What a frame has to give, in bytes; of a patch, `base` is the content that it starts from. */
export type Packing = { size: number; base?: Uint8Array | undefined };

/** Bytes that come out at a time. */
const SLICE_BYTES = 64 * 1024;

/**
 * Unpacks a zstd frame while it is read. What comes out is counted, and the decoder's window bounded: a frame from a stranger may claim to
 * be anything. Whether it is the announced content, its SHA-256 tells. [NF-10.3] [NF-10.7]
 *
 * @param packed each piece may be valid only until the next is read
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
  const decoder = zlib.createZstdDecompress({
    chunkSize: SLICE_BYTES,
    params: { [zlib.constants.ZSTD_d_windowLogMax]: PACKED_WINDOW_LOG_MAX },
    ...(base && { dictionary: Buffer.from(base.buffer, base.byteOffset, base.byteLength) }),
  });
  pipeline(Readable.from(pieces(), { highWaterMark: 1 }), decoder, () => undefined); // its failure shows below
  let given = 0;
  try {
    for await (const bytes of decoder) {
      given += bytes.length;
      if (given > size) throw new InstallFailed("packing", `it unpacks to more than ${size} bytes`);
      yield bytes;
    }
  } catch (error) {
    if (unreadable !== undefined) throw unreadable;
    if (error instanceof InstallFailed || !(error instanceof Error)) throw error;
    throw new InstallFailed("packing", `it does not unpack: ${error.message}`, { cause: error });
  }
  if (decoder.bytesWritten < taken) throw new InstallFailed("packing", "something comes after the frame");
  if (given < size) throw new InstallFailed("packing", `it unpacks to ${given} of ${size} bytes`);
}
