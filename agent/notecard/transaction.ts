import { setTimeout as sleep } from "node:timers/promises";
import { LineError } from "./line-error.ts";
import { createLineReader, type LineReader } from "./line-reader.ts";
import { meet, resync } from "./meet.ts";
import { heardText, NotANotecard } from "./not-a-notecard.ts";
import { NotecardError } from "./notecard-error.ts";
import type { Port } from "./port.ts";
import { type Reply, readReplyLine } from "./reply.ts";
import { appendCrc } from "./request-crc.ts";

/** A request, as in https://github.com/blues/notecard-schema. */
export type Request = { readonly req: string; readonly [member: string]: unknown };

export type TransactionOptions = {
  /** Milliseconds to wait for the first byte of the reply. */
  timeoutMs?: number;
  /** Repeats after a damaged or lost reply or `{io}`; 0 for a request that the Notecard must not execute twice. */
  retries?: number;
};

/** Transactions between host and Notecard, of which only one may be under way. */
export type Transactions = {
  transact(request: Request, options?: TransactionOptions): Promise<Reply>;
  /** Bytes up to the next `\n`: the packet after a reply to `card.binary.get`. */
  readPacket(maxBytes: number): Promise<Buffer>;
  /** Whether the next transaction may begin without a resync. */
  setInStep(value: boolean): void;
};

const DEFAULT_RETRIES = 5;

/** Lines without JSON that a bad line may make of the first replies of a Notecard. */
const MAX_STRANGE_REPLIES = 2;

/** Milliseconds to wait for the first byte of a reply, as in note-python; the reply to `web.*` waits for a server. */
const REPLY_TIMEOUT_MS = 30_000;
const WEB_DEFAULT_SECONDS = 90;
/** The Notecard's own clock for `seconds` starts later than ours. */
const WEB_MARGIN_MS = 5_000;

/** Milliseconds that a reply may take once it has begun: 11 kB take 12 s at 9600 baud. */
const REPLY_MAX_MS = 60_000;
/** Milliseconds for which heartbeats may put off a time-out. */
const HEARTBEATS_MAX_MS = 15 * 60_000;
/** A reply of 8192 bytes takes 11 kB, as base64 with its envelope. */
const REPLY_MAX_BYTES = 64 * 1024;

export function createTransactions(port: Port): Transactions {
  const reader = createLineReader(port);
  // Count from a random number: a Notecard takes the last number that it saw for a repeat, and that may have come from a host
  // that died before us.
  let sequence = Math.floor(Math.random() * 0x10000);
  let inStep = false;
  let crcExpected = false;
  /** A Notecard has answered on this line. */
  let met = false;
  let strangeReplies = 0;

  /** Until a Notecard has answered, something else may be there that takes a `\n` as a Notecard does. */
  function judgeStranger(line: Buffer, request: string): void {
    const text = line.toString("utf8").trim();
    const echo = text === request;
    if (met || text === "" || (text.startsWith("{") && !echo)) return;
    if (echo) throw new NotANotecard("no Notecard answers there: what is sent comes back as it is");
    strangeReplies += 1;
    if (strangeReplies <= MAX_STRANGE_REPLIES) return;
    throw new NotANotecard(`no Notecard answers there, this is something else; it says: ${heardText(line)}`);
  }

  async function once(line: string, request: Request, timeoutMs: number): Promise<Reply> {
    if (!inStep) await (met ? resync : meet)(port, reader);
    inStep = false; // until the reply is whole
    await send(port, line);
    const hear = (heard: Buffer) => judgeStranger(heard, line);
    const { reply, withCrc } = await receive(reader, sequence, crcExpected, timeoutMs, hear);
    inStep = true;
    met = true;
    crcExpected ||= withCrc;
    if (typeof reply.err === "string" && reply.err !== "") {
      throw new NotecardError(request.req, reply.err, reply);
    }
    return reply;
  }

  return {
    async transact(request, options = {}) {
      sequence = (sequence + 1) & 0xffff;
      const line = appendCrc(JSON.stringify(request), sequence); // every repeat is the same line
      const timeoutMs = options.timeoutMs ?? replyTimeout(request);
      for (let left = options.retries ?? DEFAULT_RETRIES; ; left -= 1) {
        try {
          return await once(line, request, timeoutMs);
        } catch (error) {
          if (error instanceof NotANotecard) await port.close();
          if (left <= 0 || !isWorthARepeat(error)) throw error;
        }
        await sleep(port.timing.retryPauseMs);
      }
    },
    async readPacket(maxBytes) {
      const { gapMs } = port.timing;
      return reader.readLine({ firstMs: gapMs, totalMs: REPLY_MAX_MS, maxBytes });
    },
    setInStep(value) {
      inStep = value;
    },
  };
}

/** `{io}` is trouble between Notecard and host. `{bad-bin}`, `{not-supported}` and a reply too long would only come again. */
function isWorthARepeat(error: unknown): boolean {
  if (error instanceof LineError) return error.code !== "too-long";
  if (!(error instanceof NotecardError)) return false;
  return error.has("io") && !error.has("bad-bin") && !error.has("not-supported");
}

function replyTimeout(request: Request): number {
  if (!/^web(?:\.|$)/.test(request.req)) return REPLY_TIMEOUT_MS;
  const seconds = typeof request.seconds === "number" ? request.seconds : WEB_DEFAULT_SECONDS;
  return seconds * 1000 + WEB_MARGIN_MS;
}

async function send(port: Port, line: string): Promise<void> {
  const bytes = Buffer.from(`${line}\n`);
  const { segmentBytes, segmentPauseMs } = port.timing;
  for (let at = 0; at < bytes.length; at += segmentBytes) {
    if (at > 0) await sleep(segmentPauseMs);
    await port.write(bytes.subarray(at, Math.min(bytes.length, at + segmentBytes)));
  }
}

/** @param hear is given each line, and may throw what it finds */
async function receive(
  reader: LineReader,
  sequence: number,
  crcExpected: boolean,
  timeoutMs: number,
  hear: (line: Buffer) => void,
) {
  const begin = performance.now();
  let deadline = begin + timeoutMs;
  for (;;) {
    const firstMs = Math.min(deadline, begin + HEARTBEATS_MAX_MS + timeoutMs) - performance.now();
    if (firstMs <= 0) throw new LineError("timeout", "the Notecard gave no reply");
    const line = await reader.readLine({
      firstMs,
      totalMs: firstMs + REPLY_MAX_MS,
      maxBytes: REPLY_MAX_BYTES,
    });
    hear(line);
    const read = readReplyLine(line, sequence, crcExpected);
    if (read.kind === "reply") return read;
    if (read.kind === "garbled") throw new LineError("garbled", `a reply is damaged: ${read.reason}`);
    if (read.kind === "heartbeat") deadline = performance.now() + timeoutMs;
  }
}
