import { percent, type Verdict } from "./bounds.ts";
import type { Summary } from "./summarize.ts";

type Column = [head: string, cell: (summary: Summary) => string];

const COLUMNS: readonly Column[] = [
  ["corpus", ({ name, kind }) => `${name}, ${kind}`],
  ["files", ({ files }) => count(files)],
  ["updates", ({ updates }) => count(updates)],
  ["unchanged", ({ unchanged }) => count(unchanged)],
  ["patch, median", ({ medianPacked }) => count(medianPacked)],
  ["patches/contents", ({ packedShare }) => percent(packedShare)],
  ["no fetch", ({ withoutFetch }) => percent(withoutFetch)],
  ["link, median", ({ median }) => count(median.ours)],
  ["whole", ({ median }) => count(median.whole)],
  ["link, total", ({ total }) => count(total.ours)],
  ["whole", ({ total }) => count(total.whole)],
  ["ours/whole", ({ total }) => percent(total.ours / total.whole)],
  ["brotli/whole", ({ total }) => percent(total.brotli / total.whole)],
  ["base64/whole", ({ total }) => percent(total.base64 / total.whole)],
  ["dearest", ({ worst }) => percent(worst)],
];

/** A line for each corpus, in columns. Bytes, and shares of bytes. */
export function table(summaries: readonly Summary[]): string {
  const rows = [COLUMNS.map(([head]) => head), ...summaries.map((s) => COLUMNS.map(([, cell]) => cell(s)))];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ");
  return rows.map(line).join("\n");
}

export function verdicts(judged: readonly Verdict[]): string {
  return judged.map(({ sentence, holds }) => `${sentence} ${holds ? "(ok)" : "(MISSED)"}`).join("\n");
}

function count(value: number): string {
  return value.toLocaleString("en");
}
