import { formatBytes } from "../../words/format-bytes.ts";
import type { CliContext } from "../context.ts";

const BAR_CHARS = 24;
/** Milliseconds between two drawings of the bar. */
const REDRAW_MS = 100;

export type Progress = {
  /** Bytes that S3 has taken since. */
  add(bytes: number): void;
  /** Takes the bar away, so that something else can be written. */
  clear(): void;
};

/** Tells how far an upload is by a bar on stderr, if that is a terminal. */
export function createProgress(
  { process, env }: CliContext,
  totalBytes: number,
  now: () => number,
): Progress {
  const { stderr } = process;
  const terminal = stderr.isTTY === true && env.TERM !== "dumb";
  let sent = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    add(bytes) {
      sent += bytes;
      if (!terminal || now() - drawn < REDRAW_MS) return;
      drawn = now();
      stderr.write(`\r\u001b[K${formatBar(sent, totalBytes)}`);
    },
    clear() {
      if (drawn > Number.NEGATIVE_INFINITY) stderr.write("\r\u001b[K");
      drawn = Number.NEGATIVE_INFINITY;
    },
  };
}

/** A file that grows while it is read must not lead beyond the end of the bar. */
export function formatBar(sent: number, total: number): string {
  const part = total === 0 ? 1 : Math.min(1, sent / total);
  const full = Math.floor(part * BAR_CHARS);
  const bar = `${"#".repeat(full)}${"-".repeat(BAR_CHARS - full)}`;
  return `[${bar}] ${Math.floor(part * 100)} %, ${formatBytes(sent)} of ${formatBytes(total)}`;
}
