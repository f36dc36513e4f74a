import { PRESIGNED_MAX_SECONDS } from "../../../protocol/presigned-url.ts";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 60 * 60, d: 24 * 60 * 60 };

/** The value of `--expires`, in seconds. @throws {Error} the parser's sentence */
export function parseExpires(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? 0);
  if (seconds < 1 || seconds > PRESIGNED_MAX_SECONDS)
    throw new Error("expected a time such as 15m, 12h or 7d, which is the longest");
  return seconds;
}
