/** Most pairs of method and path that are told apart: paths with a Note's id are without end. */
const PAIRS_MAX = 1000;

export type CallCount = { method: string; path: string; count: number };

/**
 * `operations` have paths as in the OpenAPI document, such as `/v1/projects/{projectOrProductUID}/fleets/{fleetUID}`, and
 * leave out calls that it does not have. `other`: calls that came when there were too many pairs to tell theirs apart.
 */
export type CallCounts = { total: number; calls: CallCount[]; operations: CallCount[]; other: number };

/** Counts calls by method and path as they arrive, also those that a fault lets nobody answer. */
export type CallLog = { add(method: string, path: string): void; counts(): CallCounts };

/** @param patternOf the path of the OpenAPI document that a path is of. */
export function createCallLog(patternOf: (path: string) => string | undefined): CallLog {
  const calls = createTally(PAIRS_MAX);
  const operations = createTally(PAIRS_MAX);
  let total = 0;
  let other = 0;
  return {
    add(method, path) {
      total += 1;
      if (!calls.add(method, path)) other += 1;
      const pattern = patternOf(path);
      if (pattern !== undefined) operations.add(method, pattern);
    },
    counts: () => ({ total, calls: calls.list(), operations: operations.list(), other }),
  };
}

function createTally(most: number) {
  const pairs = new Map<string, CallCount>();
  return {
    /** @returns false if there are too many pairs to count this one. */
    add(method: string, path: string): boolean {
      const pair = `${method} ${path}`;
      const known = pairs.get(pair);
      if (known !== undefined) known.count += 1;
      else if (pairs.size < most) pairs.set(pair, { method, path, count: 1 });
      else return false;
      return true;
    },
    list: () => [...pairs.values()].map((pair) => ({ ...pair })),
  };
}
