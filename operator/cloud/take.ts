/** The first of a sequence, at most so many, and whether there are more; no more than those are asked for, and one besides. */
export async function takeSome<T>(
  items: AsyncIterable<T>,
  most: number,
): Promise<{ taken: T[]; more: boolean }> {
  const taken: T[] = [];
  for await (const item of items) {
    if (taken.length === most) return { taken, more: true };
    taken.push(item);
  }
  return { taken, more: false };
}

/** The first of a sequence, at most so many. */
export async function take<T>(items: AsyncIterable<T>, most: number): Promise<T[]> {
  return (await takeSome(items, most)).taken;
}
