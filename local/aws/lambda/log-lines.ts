import { StringDecoder } from "node:string_decoder";

/** CloudWatch Logs takes events of up to 256 KB; without a bound, output without a newline would fill the memory. */
const MAX_LINE_CHARACTERS = 262_144;

/**
 * Cuts output into whole lines, wherever its chunks and its UTF-8 sequences are cut. Empty lines are left out. The
 * runtime writes the newlines inside one console call as carriage returns; they end a line here too.
 */
export function logLines(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = (text: string) => {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") onLine(line);
    while (rest.length > MAX_LINE_CHARACTERS) {
      onLine(rest.slice(0, MAX_LINE_CHARACTERS));
      rest = rest.slice(MAX_LINE_CHARACTERS);
    }
  };
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end: () => take(`${decoder.end()}\n`),
  };
}
