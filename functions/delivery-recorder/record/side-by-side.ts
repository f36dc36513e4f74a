/** Requests to the table under way: more would wait for a connection, and for a partition that takes 1,000 writes a second. */
const AT_ONCE = 16;

/**
 * Does the work for each item, some at a time. After a failure no more is begun, and nothing is under way any more when this throws.
 *
 * @throws what the first that failed threw, or the signal's reason
 */
export async function sideBySide<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const next = items.values(); // shared, so each is taken once
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of next) {
      if (failures.length > 0) return;
      try {
        signal?.throwIfAborted();
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
}
