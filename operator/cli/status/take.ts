/** The first of many, and no more is asked for. */
export async function take<T>(items: AsyncIterable<T>, most: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    if (taken.length === most) break;
    taken.push(item);
  }
  return taken;
}
