import { once } from "node:events";
import type { IncomingMessage } from "node:http";

const MOST_BYTES = 64 * 1024 * 1024;
const LONGEST_MS = 5000;

/**
 * Reads and drops what a client is still sending. If the reply came first, closing the connection with bytes unread would
 * reset it, and the client might never see why it was refused.
 *
 * @returns whether everything was read, so that the connection can be used again.
 */
export async function drain(incoming: IncomingMessage): Promise<boolean> {
  if (incoming.readableEnded || !hasBody(incoming)) return true;
  if (incoming.destroyed) return false;
  let bytes = 0;
  const timeout = AbortSignal.timeout(LONGEST_MS);
  const tooMuch = new AbortController();
  const count = (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > MOST_BYTES) tooMuch.abort();
  };
  incoming.on("data", count).resume();
  try {
    await once(incoming, "end", { signal: AbortSignal.any([timeout, tooMuch.signal]) });
    return true;
  } catch {
    return false; // too slow, too much, or gone
  } finally {
    incoming.off("data", count);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
