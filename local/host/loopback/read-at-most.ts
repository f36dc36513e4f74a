import type { IncomingMessage } from "node:http";

/**
 * Reads a body to its end even if it is too long: a client that is still sending might never see an early reply.
 *
 * @returns undefined for a longer body, of which no more than these bytes were kept.
 */
export async function readAtMost(mostBytes: number, message: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of message) {
    length += piece.length;
    if (length <= mostBytes) pieces.push(piece);
  }
  return length <= mostBytes ? Buffer.concat(pieces) : undefined;
}
