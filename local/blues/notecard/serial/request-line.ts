import { splitCrc } from "../../../../agent/notecard/request-crc.ts";
import { type JsonObject, parseJsonObject } from "../../note/json-object.ts";

/** Bytes of a request: https://dev.blues.io/notecard/notecard-walkthrough/notecard-interfaces/ */
const REQUEST_MAX_BYTES = 8192;

/** A line from the host, parsed. `sequence` is there if the line carried a `crc`, good or bad. */
export type RequestLine =
  | { kind: "blank" }
  | {
      kind: "request" | "command";
      name: string;
      fields: JsonObject;
      sequence?: number | undefined;
      text: string;
    }
  | { kind: "unreadable"; err: string; sequence?: number | undefined };

/** Reads a line, given without its `\n`; a `\r` before that belongs to the line's end too. */
export function readRequestLine(bytes: Buffer): RequestLine {
  const text = bytes.toString("utf8").trim();
  if (text === "") return { kind: "blank" };
  if (bytes.length > REQUEST_MAX_BYTES) return tooLong;
  const guarded = splitCrc(text);
  const fields = parseJsonObject(guarded?.json ?? text);
  const sequence = guarded?.sequence;
  if (guarded?.crcOk === false) return { kind: "unreadable", err: "request CRC error {io}", sequence };
  if (fields === undefined) return { kind: "unreadable", err: "cannot interpret request: not JSON {io}" };
  if ("crc" in fields) return { kind: "unreadable", err: "request CRC is not readable {io}" };
  if (typeof fields.req === "string") return { kind: "request", name: fields.req, fields, text, sequence };
  if (typeof fields.cmd === "string") return { kind: "command", name: fields.cmd, fields, text, sequence };
  return { kind: "unreadable", err: "neither req nor cmd {syntax}", sequence };
}

/** The result for a line that was longer than the splitter keeps. */
export const tooLong: RequestLine = {
  kind: "unreadable",
  err: `request exceeds ${REQUEST_MAX_BYTES} bytes {too-big}`,
};
