import { appendCrc } from "../../../../agent/notecard/request-crc.ts";
import { type JsonObject, parseJsonObject } from "../../note/json-object.ts";
import type { Card } from "../card.ts";
import { CardError } from "../card-error.ts";
import { dispatch } from "../dispatch.ts";
import type { Answer } from "../request.ts";
import type { SerialLine } from "./line-splitter.ts";
import { type RequestLine, readRequestLine, tooLong } from "./request-line.ts";

/** What goes back to the host for a line, if anything, and whether the Notecard then restarts. */
export type LineAnswer = { bytes?: Buffer; restart?: true | undefined };

export type Transactions = {
  /** Answers a line once those before it are answered. */
  answer(line: SerialLine): Promise<LineAnswer>;
  /** True if the next line is a packet that a request announced. */
  expectsPacket(): boolean;
  /** Forgets what a restart forgets: the answer to a retry, and the packet that was to come. */
  reset(): void;
};

const RESET_ECHO = Buffer.from("\r\n");

/**
 * The Notecard's end of the serial protocol: one transaction at a time, whichever host it is from.
 *
 * INVARIANT: a request with exactly the line of the one before it is a host's retry. It gets the same answer and is not
 * carried out again; the sequence number in its `crc` tells it from a new request with the same text. An answer after
 * which a packet is expected is not kept, since the retry must expect the packet again.
 */
export function createTransactions(card: () => Card): Transactions {
  let last: { text: string; bytes: Buffer } | undefined;
  let expected: Answer["expects"];
  let turn: Promise<unknown> = Promise.resolve();

  return {
    answer(line) {
      const answered = turn.then(() => answerLine(line));
      turn = answered.catch(() => undefined);
      return answered;
    },
    expectsPacket: () => expected !== undefined,
    reset() {
      last = undefined;
      expected = undefined;
    },
  };

  async function answerLine(line: SerialLine): Promise<LineAnswer> {
    if ("tooLong" in line) return answerRequest(tooLong);
    const awaited = expected;
    expected = undefined;
    if (awaited !== undefined && isPacket(line.bytes, awaited.cobs)) {
      awaited.take(line.bytes);
      return line.bytes.length === 0 ? { bytes: RESET_ECHO } : {};
    }
    return answerRequest(readRequestLine(line.bytes));
  }

  async function answerRequest(line: RequestLine): Promise<LineAnswer> {
    if (line.kind === "blank") return { bytes: RESET_ECHO };
    if (line.kind === "unreadable") return { bytes: format({ err: line.err }, line.sequence) };
    if (line.sequence !== undefined && line.text === last?.text) return { bytes: last.bytes };
    const { json, packet, expects, restart } = await perform(line.name, line.fields);
    last = undefined;
    expected = expects;
    if (line.kind === "command") return { restart };
    const id = Number.isInteger(line.fields.id) ? { id: line.fields.id } : {};
    const bytes = Buffer.concat([
      format({ ...id, ...json }, line.sequence),
      ...(packet === undefined ? [] : [packet, Buffer.from("\n")]),
    ]);
    if (line.sequence !== undefined && expects === undefined) last = { text: line.text, bytes };
    return { bytes, restart };
  }

  async function perform(name: string, fields: JsonObject): Promise<Answer> {
    try {
      return await dispatch(name, fields, card());
    } catch (error) {
      if (error instanceof CardError) return { json: { err: error.message } };
      throw error;
    }
  }
}

const OPEN_BRACE = 0x7b;

/**
 * A host that gave up before its packet sends something else: a bare newline, or its next request. A packet may begin like
 * one, so its length tells or, where that was not announced, whether it is JSON.
 */
function isPacket(bytes: Buffer, cobs: number | undefined): boolean {
  if (bytes.length === cobs || bytes[0] !== OPEN_BRACE) return true;
  return cobs === undefined && parseJsonObject(bytes.toString("utf8")) === undefined;
}

function format(json: JsonObject, sequence: number | undefined): Buffer {
  const text = JSON.stringify(json);
  return Buffer.from(`${sequence === undefined ? text : appendCrc(text, sequence)}\r\n`);
}
