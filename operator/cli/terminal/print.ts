import { styleText } from "node:util";
import type { CliContext, Output } from "../context.ts";
import { cutTo, fitWidths } from "./fit-widths.ts";
import { printable } from "./printable.ts";

/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;

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
 * Rows with a header and aligned columns on a terminal, cut to its width as far as that goes; else one line a row with tabs, for `cut` and `awk`.
 *
 * @param header one name a column
 * @param continued whether the header stands above already
 */
export function formatTable(
  { isTTY, columns }: Pick<Output, "isTTY" | "columns">,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  continued = false,
): string {
  const cells = rows.map((row) => row.map(printable));
  if (isTTY !== true) return cells.map((row) => `${row.join("\t")}\n`).join("");
  const all = [header, ...cells];
  const longest = header.map((_, column) =>
    all.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  const widths = fitWidths(header, longest, columns || COLUMNS);
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cutTo(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0)).join("  ");
  return (continued ? cells : all).map((row) => `${line(row).trimEnd()}\n`).join("");
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
