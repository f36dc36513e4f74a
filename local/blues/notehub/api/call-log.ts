/** Most pairs of method and path that are told apart: paths with a Note's id are without end. */
const PAIRS_MAX = 1000;

/** `other`: calls that came when there were too many pairs to tell theirs apart. */
export type CallCounts = {
  total: number;
  calls: { method: string; path: string; count: number }[];
  other: number;
};

/** Counts calls by method and path as they arrive, also those that a fault lets nobody answer. */
export type CallLog = { add(method: string, path: string): void; counts(): CallCounts };

export function createCallLog(): CallLog {
  const pairs = new Map<string, { method: string; path: string; count: number }>();
  let total = 0;
  let other = 0;
  return {
    add(method, path) {
      total += 1;
      const pair = `${method} ${path}`;
      const known = pairs.get(pair);
      if (known !== undefined) known.count += 1;
      else if (pairs.size < PAIRS_MAX) pairs.set(pair, { method, path, count: 1 });
      else other += 1;
    },
    counts: () => ({ total, calls: [...pairs.values()].map((pair) => ({ ...pair })), other }),
  };
}
