/** The first of a sequence, at most so many; no more than those are asked for, and one besides. */
export async function take<T>(items: AsyncIterable<T>, most: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    if (taken.length === most) break;
    taken.push(item);
  }
  return taken;
}
