/**
 * Merges sequences, each of them newest first, into one that is newest first. From each it takes no more than what it gives
 * and one besides.
 */
export async function* mergeNewest<T>(
  sequences: readonly AsyncIterable<T>[],
  timeOf: (item: T) => number,
): AsyncGenerator<T> {
  const iterators = sequences.map((sequence) => sequence[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      let newest: { at: number; item: T } | undefined;
      for (const [at, head] of heads.entries()) {
        if (head.done === true) continue;
        if (newest === undefined || timeOf(head.value) > timeOf(newest.item))
          newest = { at, item: head.value };
      }
      if (newest === undefined) return;
      yield newest.item;
      const next = await iterators[newest.at]?.next();
      if (next !== undefined) heads[newest.at] = next;
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}
