/** A line without its `\n`, or one that was longer than allowed, whose bytes are gone. */
export type SerialLine = { bytes: Buffer } | { tooLong: true };

const NEWLINE = 0x0a;

/**
 * Cuts the bytes of a serial line into lines, however they were split on their way. A line that exceeds `maxBytes` is
 * dropped up to its end, so a host that sends nonsense is in step again after its next `\n`.
 */
export function createLineSplitter(maxBytes: number): (bytes: Buffer) => SerialLine[] {
  let parts: Buffer[] = [];
  let length = 0;
  const add = (bytes: Buffer) => {
    length += bytes.length;
    if (length <= maxBytes) parts.push(bytes);
    else parts = [];
  };
  const take = (): SerialLine => {
    const line = length <= maxBytes ? { bytes: Buffer.concat(parts) } : ({ tooLong: true } as const);
    parts = [];
    length = 0;
    return line;
  };
  return (bytes) => {
    const lines: SerialLine[] = [];
    let rest = bytes;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      add(rest.subarray(0, end));
      lines.push(take());
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) add(rest);
    return lines;
  };
}
