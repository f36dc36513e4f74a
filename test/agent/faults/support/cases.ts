import type { Random } from "../../../support/seeded-random.ts";

/** NOTEFERRY_FAULTS=long runs every case. */
export const LONG = process.env.NOTEFERRY_FAULTS === "long";

export const HOUR_MS = 3_600_000;

/** All the operations there are, or a few by chance. */
export function choose(random: Random, operations: number, few: number): number[] {
  if (!LONG) return Array.from({ length: few }, () => 1 + random.below(operations));
  return Array.from({ length: operations }, (_, index) => index + 1);
}

/** Cases of a long run that are under way at a time: each waits, for pauses and processes, most of its time. */
const AT_ONCE = 4;

/** Works on all cases, in a long run some of them at a time: what is by chance has to be in them. */
export async function forEachCase<Case>(
  cases: readonly Case[],
  work: (each: Case) => Promise<void>,
): Promise<void> {
  const rest = cases.values(); // shared, so each is taken once
  const worker = async () => {
    for (const each of rest) await work(each);
  };
  await Promise.all(Array.from({ length: LONG ? AT_ONCE : 1 }, worker));
}
