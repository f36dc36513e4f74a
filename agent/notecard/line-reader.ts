import { LineError } from "./line-error.ts";
import type { Port } from "./port.ts";

const NEWLINE = 0x0a;

/** Milliseconds to wait for the first byte and for the whole line, and the most bytes it may have. */
export type Patience = { firstMs: number; totalMs: number; maxBytes: number };

/** Reads lines from a port, however they were split on their way. */
export type LineReader = {
  /**
   * What comes before the next `\n`.
   *
   * @throws {LineError} `timeout`, `cut-off` or `too-long`; the next `drain` drops what had arrived.
   */
  readLine(patience: Patience): Promise<Buffer>;
  /** Reads on until nothing has come for `quietMs`, or `maxMs` are over, and returns the beginning of what came. */
  drain(quietMs: number, maxMs?: number): Promise<Buffer>;
};

/** Milliseconds after which it stops draining a Notecard that talks without end. */
const DRAIN_MAX_MS = 10_000;

/** Bytes kept of what was drained: enough to see whether it was more than line endings. */
const DRAIN_KEEPS_BYTES = 4096;

export function createLineReader(port: Port): LineReader {
  let held: Buffer = Buffer.alloc(0);

  return {
    async readLine({ firstMs, totalMs, maxBytes }) {
      const deadline = performance.now() + totalMs;
      let scanned = 0;
      for (;;) {
        const end = held.indexOf(NEWLINE, scanned);
        if (end >= 0) {
          const line = held.subarray(0, end);
          held = held.subarray(end + 1);
          return line;
        }
        if (held.length > maxBytes) throw new LineError("too-long", `a reply exceeds ${maxBytes} bytes`);
        scanned = held.length;
        const patienceMs = held.length === 0 ? firstMs : port.timing.gapMs;
        const bytes = await port.read(Math.min(patienceMs, deadline - performance.now()));
        if (bytes === undefined) {
          if (held.length === 0) throw new LineError("timeout", "the Notecard gave no reply");
          throw new LineError("cut-off", "the Notecard gave a reply that stopped in the middle");
        }
        held = Buffer.concat([held, bytes]);
      }
    },
    async drain(quietMs, maxMs = DRAIN_MAX_MS) {
      let drained = held;
      held = Buffer.alloc(0);
      const deadline = performance.now() + Math.min(maxMs, DRAIN_MAX_MS);
      while (performance.now() < deadline) {
        const bytes = await port.read(quietMs);
        if (bytes === undefined) break;
        drained = Buffer.concat([drained, bytes]).subarray(0, DRAIN_KEEPS_BYTES);
      }
      return drained;
    },
  };
}
