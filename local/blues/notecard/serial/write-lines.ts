import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two lines of one answer. */
const GAP_MS = 20;

const NEWLINE = 0x0a;

/**
 * Writes an answer line by line, with a pause in which the host can read what it has: note-go and note-cli drop whatever
 * one read brings after a newline, and then wait for a packet that they have thrown away.
 */
export async function writeLines(socket: Socket, bytes: Buffer): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    if (start > 0) await sleep(GAP_MS, undefined, { ref: false });
    await write(socket, bytes.subarray(start, end));
    start = end;
  }
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
