/** What was measured, each with its values round by round. */
export type Results = Map<string, number[]>;

/** Prints medians, and with two servers the ratio of the first to the second. */
export function printResults(names: readonly string[], [ours, other]: readonly Results[]): void {
  const rows = [...(ours ?? [])].map(([what, values]) => {
    const [mine, theirs] = [median(values), median(other?.get(what) ?? [])];
    const row = { "": what, [names[0] ?? ""]: format(mine) };
    return names.length < 2
      ? row
      : { ...row, [names[1] ?? ""]: format(theirs), ratio: (mine / theirs).toFixed(2) };
  });
  console.table(rows);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function format(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
