/** Rows in the order in which they were; those that are new come last. @param before keys, in that order */
export function holdOrder<T>(rows: readonly T[], keyOf: (row: T) => string, before: readonly string[]): T[] {
  const places = new Map(before.map((key, place) => [key, place]));
  const placeOf = (row: T) => places.get(keyOf(row)) ?? Number.POSITIVE_INFINITY;
  return rows.toSorted((one, other) => compare(placeOf(one), placeOf(other)));
}

/** Of two that are new neither comes first: their difference is no number. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
