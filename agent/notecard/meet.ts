import { LineError } from "./line-error.ts";
import type { LineReader } from "./line-reader.ts";
import { heardText, NotANotecard } from "./not-a-notecard.ts";
import type { Port } from "./port.ts";

const RESYNC_TRIES = 10;

/** Milliseconds that each heartbeat gives a Notecard which is still at work for an earlier host, and for how long in all. */
const HEARTBEAT_MS = 30_000;
const HEARTBEATS_MAX_MS = 15 * 60_000;

/** Bytes kept of what was heard. */
const HEARD_BYTES = 200;

/** Ends half a line that the Notecard may hold. Host and Notecard are in step once only line endings come back. */
export async function resync(port: Port, reader: LineReader): Promise<void> {
  for (let tries = 0; tries < RESYNC_TRIES; tries += 1) {
    await port.write(Buffer.from("\n"));
    if (isInStep(await reader.drain(port.timing.quietMs))) return;
  }
  throw new LineError(
    "out-of-step",
    "something answers on the line, but not as a Notecard does, or nothing at all",
  );
}

/**
 * The first resync of a line, where anything may be at the other end. A Notecard answers a `\n` with `\r\n`; nothing else that
 * is met on a serial port does so and says nothing besides. A slow answer is waited for, and a heartbeat is a Notecard's own.
 *
 * @throws {NotANotecard} after `meetMs` without such an answer.
 */
export async function meet(port: Port, reader: LineReader): Promise<void> {
  const { quietMs, meetMs } = port.timing;
  const begin = performance.now();
  let deadline = begin + meetMs;
  let heard: Buffer = Buffer.alloc(0);
  while (performance.now() < deadline) {
    await port.write(Buffer.from("\n"));
    const answer = await reader.drain(quietMs, deadline - performance.now());
    if (isInStep(answer)) return;
    heard = Buffer.concat([heard, answer]).subarray(0, HEARD_BYTES);
    if (answer.includes("{heartbeat}")) {
      deadline = Math.min(performance.now() + HEARTBEAT_MS, begin + HEARTBEATS_MAX_MS);
    }
  }
  throw new NotANotecard(`no Notecard answers there within ${meetMs / 1000} s: ${describe(heard)}`);
}

function isInStep(echoed: Buffer): boolean {
  return /^[\r\n]+$/.test(echoed.toString("latin1"));
}

function describe(heard: Buffer): string {
  const text = heardText(heard);
  if (text === "") return "nothing was heard";
  const binary = heard.filter((byte) => byte >= 0x7f || (byte < 0x20 && byte !== 0x0a && byte !== 0x0d));
  if (binary.length * 4 > heard.length) {
    return `what was heard is no text, as at another baud rate, or while a transfer is cut short: ${text}`;
  }
  return `this is something else, or at work for somebody else; it says: ${text}`;
}
