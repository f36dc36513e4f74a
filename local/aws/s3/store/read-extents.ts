import { type FileHandle, open } from "node:fs/promises";

/** Bytes of one blob, from the first to the last inclusive. */
export type Extent = { blob: string; first: number; last: number };

const PIECE_BYTES = 512 * 1024;

/**
 * Reads extents one after the other. A piece is overwritten once the next is asked for: with a new buffer for each, a
 * large read would spend most of its time collecting garbage.
 *
 * @param opened the first one's file; closed here, like the others.
 * @param release called once nothing is read any more.
 */
export async function* readExtents(
  extents: readonly Extent[],
  opened: FileHandle | undefined,
  fileOf: (blob: string) => string,
  release: () => void,
): AsyncGenerator<Buffer> {
  let file = opened;
  try {
    for (const extent of extents) {
      file ??= await open(fileOf(extent.blob));
      yield* readExtent(file, extent);
      await file.close();
      file = undefined;
    }
  } finally {
    await file?.close();
    release();
  }
}

/** A piece is read while the one before is being sent: two buffers, by turns. */
async function* readExtent(file: FileHandle, { blob, first, last }: Extent): AsyncGenerator<Buffer> {
  const buffers: Buffer[] = [];
  let turn = 0;
  const read = (at: number) => {
    const left = last - at + 1;
    const buffer = buffers[turn] ?? Buffer.allocUnsafe(Math.min(PIECE_BYTES, left));
    buffers[turn] = buffer;
    turn = 1 - turn;
    const reading = file.read(buffer, 0, Math.min(buffer.length, left), at);
    reading.catch(() => undefined); // seen when it is awaited, if it is
    return reading;
  };
  let reading = read(first);
  try {
    for (let at = first; at <= last; ) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) throw new Error(`blob ${blob} is shorter than its row says`);
      at += bytesRead;
      if (at <= last) reading = read(at);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await reading.catch(() => undefined); // the file must not be closed under it
  }
}
