import type { Random } from "../../../support/seeded-random.ts";

/** NOTEFERRY_FAULTS=long runs every case. */
export const LONG = process.env.NOTEFERRY_FAULTS === "long";

export const HOUR_MS = 3_600_000;

/** All the operations there are, or a few by chance. */
export function choose(random: Random, operations: number, few: number): number[] {
  if (!LONG) return Array.from({ length: few }, () => 1 + random.below(operations));
  return Array.from({ length: operations }, (_, index) => index + 1);
}
