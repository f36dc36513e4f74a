import type { SerialLine } from "../serial-line.ts";

/**
 * A Notecard host library as its source has it: what it sends, what it demands of the answer, and when it tries again.
 * Its pauses are shortened, and nothing else.
 */
export type Host = {
  /** @throws an Error if the Notecard does not answer a reset as it must. */
  reset(): Promise<void>;
  /** The reply without its `crc`. @throws an Error once the library's tries are used up. */
  transaction(request: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** How often a transaction had to be tried again. */
  retries(): number;
};

export type HostLibrary = (line: SerialLine) => Host;

export const SEGMENT_BYTES = 250;

/** Sends a request in segments with pauses between them. */
export async function sendInSegments(line: SerialLine, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await line.write(bytes.subarray(at, at + SEGMENT_BYTES));
  }
}

/** Sends `\n` until nothing but `\r` and `\n` comes back. */
export async function resync(line: SerialLine, tries: number): Promise<void> {
  for (let left = tries; left > 0; left -= 1) {
    await line.write("\n");
    const first = await line.line().catch(() => Buffer.alloc(0));
    const answer = Buffer.concat([first, await line.drain(20)]);
    if (answer.length > 0 && answer.every((byte) => byte === 0x0d || byte === 0x0a)) return;
  }
  throw new Error("the Notecard does not answer");
}
