/** The values of each measurement, round by round. */
export type Results = Map<string, number[]>;

/** Prints medians, and with two servers the median of their ratios, each of the same round. */
export function printResults(names: readonly string[], [ours, other]: readonly Results[]): void {
  const rows = [...(ours ?? [])].map(([what, values]) => {
    const row = { "": what, [names[0] ?? ""]: format(median(values)) };
    const theirs = other?.get(what) ?? [];
    if (names.length < 2) return row;
    const ratios = values.map((value, round) => value / (theirs[round] ?? Number.NaN));
    return { ...row, [names[1] ?? ""]: format(median(theirs)), ratio: median(ratios).toFixed(2) };
  });
  console.table(rows);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function format(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
