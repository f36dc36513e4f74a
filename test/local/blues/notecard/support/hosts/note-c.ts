import { crc32 } from "node:zlib";
import { type HostLibrary, resync, sendInSegments } from "./host.ts";

const RETRIES_ALLOWED = 5;

/** Bytes of `,"crc":"SSSS:CCCCCCCC"`. */
const CRC_FIELD_LENGTH = 22;

/** note-c 2: upper-case hexadecimal, `\r\n` in a write of its own, and a check that reads the reply's bytes by position. */
export const noteC: HostLibrary = (line) => {
  let sequence = 0;
  let supportsCrc = false;
  let retries = 0;
  const reset = () => resync(line, 10);
  return {
    reset,
    retries: () => retries,
    async transaction(request) {
      const text = withCrc(JSON.stringify(request), sequence);
      try {
        for (let tries = 0; tries <= RETRIES_ALLOWED; tries += 1) {
          if (tries > 0) retries += 1;
          await sendInSegments(line, text);
          await line.write("\r\n");
          const reply = await line.line().catch(() => undefined);
          if (reply === undefined) {
            await reset();
            continue;
          }
          const stripped = checked(reply.toString("latin1"));
          if (stripped === undefined) continue;
          const parsed = JSON.parse(Buffer.from(stripped, "latin1").toString());
          const err = String(parsed.err ?? "");
          if (err.includes("{io}") && err.includes("{bad-bin}")) break;
          if (err.includes("{io}")) continue;
          return parsed;
        }
      } finally {
        sequence = (sequence + 1) & 0xffff;
      }
      throw new Error("note-c: transaction failed {io}");
    },
  };

  /** The reply without its `crc`, by the byte offsets that note-c computes; undefined for a CRC error. */
  function checked(reply: string): string | undefined {
    let length = reply.length;
    while (length > 0 && reply.charCodeAt(length - 1) <= 0x20) length -= 1;
    if (length < CRC_FIELD_LENGTH + 2 || reply[length - 1] !== "}") return reply;
    const offset = length - 1 - CRC_FIELD_LENGTH;
    if (reply.slice(offset + 1, offset + 8) !== '"crc":"') return supportsCrc ? undefined : reply;
    supportsCrc = true;
    const value = reply.slice(offset + 8);
    const text = `${reply.slice(0, offset)}}`;
    const matches =
      Number.parseInt(value.slice(0, 4), 16) === sequence &&
      Number.parseInt(value.slice(5, 13), 16) === crc32(Buffer.from(text, "latin1"));
    return matches ? text : undefined;
  }
};

function withCrc(text: string, sequence: number): string {
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, "0");
  return `${text.slice(0, -1)},"crc":"${hex(sequence, 4)}:${hex(crc32(text), 8)}"}`;
}
