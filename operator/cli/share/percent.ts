import { parsePercent } from "../../../protocol/share.ts";

/** @throws {Error} the parser's sentence */
export function readPercent(text: string): number {
  const percent = parsePercent(text);
  if (percent === undefined) throw new Error("expected a percentage from 0 to 100, such as 10% or 0.5%");
  return percent;
}
