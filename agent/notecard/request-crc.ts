import { crc32 } from "node:zlib";

/**
 * The `crc` member that guards a line of JSON between a Notecard and its host: `"crc":"SSSS:CCCCCCCC"`, always the last
 * member, with a 16-bit sequence number and the CRC-32 of the line as it was without the member, all in hexadecimal.
 * Not documented; as note-c (`n_request.c`) and note-python (`crc32.py`, `notecard.py`) write and check it.
 */

// note-python writes lower-case digits, note-c and note-go upper-case ones. In an otherwise empty object a space, or with
// note-python nothing, stands where the comma would; it is not part of the text that the CRC covers.
const CRC_MEMBER = /(?:,|(?<=^\{) ?)"crc":"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{8})"\}$/;

/**
 * Appends the `crc` member to the text of a JSON object.
 *
 * @param json text that ends in `}`, as `JSON.stringify` gives it.
 * @param sequence counts transactions modulo 65536; a retry keeps the number it was first sent with.
 */
export function appendCrc(json: string, sequence: number): string {
  const checksum = hex(crc32(json), 8);
  // An empty object must read `{ "crc":…}`: without the space note-c reports a CRC error.
  const separator = json === "{}" ? " " : ",";
  return `${json.slice(0, -1)}${separator}"crc":"${hex(sequence & 0xffff, 4)}:${checksum}"}`;
}

/**
 * Takes the `crc` member off a line, given without its line ending; undefined if the line has none.
 * `json` is the text that the sender computed the CRC of.
 */
export function splitCrc(line: string): { json: string; sequence: number; crcOk: boolean } | undefined {
  const match = CRC_MEMBER.exec(line);
  if (match === null) return undefined;
  const [, sequence = "", checksum = ""] = match;
  const json = `${line.slice(0, match.index)}}`;
  return {
    json,
    sequence: Number.parseInt(sequence, 16),
    crcOk: crc32(json) === Number.parseInt(checksum, 16),
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}
