import { styleText } from "node:util";
import type { CliContext } from "../context.ts";
import { printable } from "./printable.ts";

/** Prints a result as one JSON document. */
export function printJson({ process }: CliContext, result: unknown): void {
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

/** Prints one of several results as a line of JSON. */
export function printJsonLine({ process }: CliContext, result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Talk: it is on stderr, so that a result can be piped. */
export function say({ process }: CliContext, sentence: string): void {
  process.stderr.write(`${printable(sentence)}\n`);
}

/**
 * Rows with a header and aligned columns on a terminal; else one line a row with tabs, for `cut` and `awk`.
 *
 * @param header one name a column
 */
export function formatTable(
  { isTTY }: { isTTY?: boolean | undefined },
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = rows.map((row) => row.map(printable));
  if (isTTY !== true) return cells.map((row) => `${row.join("\t")}\n`).join("");
  const all = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return all.map((row) => `${line(row).trimEnd()}\n`).join("");
}

/** Colours text if this output shows colours: not in a pipe, nor with NO_COLOR or on a dumb terminal. */
export function colour(
  { env }: CliContext,
  output: { isTTY?: boolean | undefined },
  style: "green" | "red" | "yellow",
  text: string,
): string {
  const { NO_COLOR = "", TERM } = env;
  const plain = output.isTTY !== true || NO_COLOR !== "" || TERM === "dumb";
  return plain ? text : styleText(style, text, { validateStream: false });
}
