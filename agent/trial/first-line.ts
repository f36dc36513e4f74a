import { openRegularFile } from "../system/regular-file.ts";

/** The longest first line that Linux reads. */
const MOST_BYTES = 256;

/** Why the first line of a script keeps it from being started; undefined if it is none, or not to blame. */
export async function faultOfFirstLine(file: string, code: string | undefined): Promise<string | undefined> {
  const [, asked, ending] = /^#!([^\r\n]*)(\r?)\n/.exec(await readStart(file)) ?? [];
  if (asked === undefined) return undefined;
  const wanted = asked.trim();
  if (ending === "\r")
    return `its first line ends with a carriage return, so the system looks for "${wanted}\\r": save it with LF`;
  const [interpreter] = wanted.split(" ", 1);
  return code === "ENOENT"
    ? `its first line asks for ${interpreter}, which is not there (ENOENT)`
    : undefined;
}

async function readStart(file: string): Promise<string> {
  try {
    const handle = await openRegularFile(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return ""; // then the system's own complaint has to do
  }
}
