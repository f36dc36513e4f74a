import { openRegularFile } from "./regular-file.ts";

/** Taken from Node's pool. */
const PIECE_BYTES = 2048;

/** The text of a file that has no size, as in /proc: `readFile` takes buffers of 64 KiB for each, which stay until all memory is looked through. */
export async function readKernelText(place: string): Promise<string> {
  const file = await openRegularFile(place);
  try {
    const pieces: Buffer[] = [];
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const { bytesRead } = await file.read(piece, 0, piece.length);
      if (bytesRead === 0) return Buffer.concat(pieces).toString("utf8");
      pieces.push(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
