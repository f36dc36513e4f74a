import zlib from "node:zlib";

/**
 * The `crc` member that guards a line of JSON between a Notecard and its host: `"crc":"SSSS:CCCCCCCC"`. It is always the last
 * member, and has a sequence number of four digits or more and the CRC-32 of the line without the member, both in hexadecimal.
 * Blues does not document it: this is how note-c (`n_request.c`) and note-python (`crc32.py`, `notecard.py`) write and check it.
 */

// note-python writes lower-case digits and counts on past four of them, note-c and note-go write four upper-case ones. In an object that is empty otherwise, a space
// stands in place of the comma (with note-python, nothing); the CRC does not cover it.
const CRC_MEMBER = /(?:,|(?<=^\{) ?)"crc":"([0-9A-Fa-f]{4,13}):([0-9A-Fa-f]{8})"\}$/;

/**
 * Appends the `crc` member to the text of a JSON object.
 *
 * @param json text that ends in `}`, as `JSON.stringify` gives it.
 * @param sequence counts transactions; a repeat has the number of the first attempt.
 */
export function appendCrc(json: string, sequence: number): string {
  const checksum = hex(zlib.crc32(json), 8);
  // An empty object must read `{ "crc":…}`: without the space note-c reports a CRC error.
  const separator = json === "{}" ? " " : ",";
  return `${json.slice(0, -1)}${separator}"crc":"${hex(sequence, 4)}:${checksum}"}`;
}

/**
 * Takes the `crc` member off a line, given without its line ending; undefined if the line has none.
 * `json` is the text whose CRC the sender computed.
 */
export function splitCrc(line: string): { json: string; sequence: number; crcOk: boolean } | undefined {
  const match = CRC_MEMBER.exec(line);
  if (match === null) return undefined;
  const [, sequence = "", checksum = ""] = match;
  const json = `${line.slice(0, match.index)}}`;
  return {
    json,
    sequence: Number.parseInt(sequence, 16),
    crcOk: zlib.crc32(json) === Number.parseInt(checksum, 16),
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}
