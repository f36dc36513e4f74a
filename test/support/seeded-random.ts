import { randomInt } from "node:crypto";

/** Numbers that look random and can be repeated. */
export type Random = {
  /** From 0 to below 1. */
  next(): number;
  /** From 0 to below `end`. */
  below(end: number): number;
  chance(probability: number): boolean;
  /** Undefined only for an empty list. */
  pick<T>(choices: readonly [T, ...T[]]): T;
  pick<T>(choices: readonly T[]): T | undefined;
  shuffle<T>(items: readonly T[]): T[];
};

/** The seed of this run, printed: that of the environment variable NOTEFERRY_SEED, which repeats a run, or a new one. */
export function readSeed(): number {
  const seed = Number(process.env.NOTEFERRY_SEED ?? randomInt(2 ** 31));
  console.log(`NOTEFERRY_SEED=${seed}`);
  return seed;
}

/** The numbers of the runs of a test with a seed: a few, or as many as the environment variable NOTEFERRY_RUNS says. */
export function runs(few: number): number[] {
  return Array.from({ length: Number(process.env.NOTEFERRY_RUNS ?? few) }, (_, run) => run);
}

/** mulberry32: small, and the same everywhere. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  function pick<T>(choices: readonly [T, ...T[]]): T;
  function pick<T>(choices: readonly T[]): T | undefined {
    return choices[below(choices.length)];
  }
  return {
    ...{ next, below, pick },
    chance: (probability) => next() < probability,
    shuffle(items) {
      const ranked = items.map((item) => ({ item, rank: next() }));
      return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
    },
  };
}
