/**
 * Merges sequences, each of them in order, into one that is in order. From each it takes no more than what it gives
 * and one besides.
 *
 * @param compare negative if the first of the two comes first
 */
export async function* mergeSorted<T>(
  sequences: readonly AsyncIterable<T>[],
  compare: (one: T, other: T) => number,
): AsyncGenerator<T> {
  const iterators = sequences.map((sequence) => sequence[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      let first: { at: number; item: T } | undefined;
      for (const [at, head] of heads.entries()) {
        if (head.done === true) continue;
        if (first === undefined || compare(head.value, first.item) < 0) first = { at, item: head.value };
      }
      if (first === undefined) return;
      yield first.item;
      const next = await iterators[first.at]?.next();
      if (next !== undefined) heads[first.at] = next;
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

export function newestFirst(one: { at: number }, other: { at: number }): number {
  return other.at - one.at;
}
