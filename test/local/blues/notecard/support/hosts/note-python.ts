import { crc32 } from "node:zlib";
import type { SerialLine } from "../serial-line.ts";
import { type Host, resync, sendInSegments } from "./host.ts";

const RETRIES = 5;

/** note-python 2: compact JSON, lower-case hexadecimal, `\n` at the end, and a `body` of its own in `hub.set`. */
export function notePython(line: SerialLine, firstSequence = 0): Host {
  let sequence = firstSequence;
  let supportsCrc = false;
  let retries = 0;
  const reset = () => resync(line, 10);
  return {
    reset,
    retries: () => retries,
    async transaction(request) {
      const isHubSet = Object.values(request).includes("hub.set");
      const sent = isHubSet ? { ...request, body: { agent: "note-python", os_name: "cpython" } } : request;
      const text = withCrc(JSON.stringify(sent), sequence);
      try {
        for (let left = RETRIES; left > 0; left -= 1, retries += 1) {
          await sendInSegments(line, `${text}\n`);
          const reply = await line.line().catch(() => undefined);
          if (reply === undefined) {
            await reset();
            continue;
          }
          if (crcError(reply)) continue;
          const { crc: _crc, ...parsed } = JSON.parse(reply.toString());
          const err = String(parsed.err ?? "");
          if (err.includes("{io}") && !err.includes("{not-supported}")) continue;
          if (err.includes("{bad-bin}")) break;
          return parsed;
        }
      } finally {
        sequence += 1;
      }
      throw new Error("Failed to transact with Notecard.");
    },
  };

  function crcError(reply: Buffer): boolean {
    const parsed = JSON.parse(reply.toString());
    if (!("crc" in parsed)) return supportsCrc;
    supportsCrc = true;
    const [replySequence, checksum] = String(parsed.crc).split(":");
    let text = reply.toString().split('"crc":')[0] ?? "";
    text = text.endsWith(",") ? `${text.slice(0, -1)}}` : `${text.trimEnd()}}`;
    return (
      Number.parseInt(replySequence ?? "", 16) !== sequence ||
      Number.parseInt(checksum ?? "", 16) !== crc32(text)
    );
  }
}

function withCrc(text: string, sequence: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  return `${text.slice(0, -1)},"crc":"${hex(sequence, 4)}:${hex(crc32(text), 8)}"}`;
}
