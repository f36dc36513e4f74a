/** Numbers from 0 up to 1, repeatable: the seed is printed, and taken from NOTEFERRY_SEED where that is set. */
export function createRandom(): () => number {
  let state = Number(process.env.NOTEFERRY_SEED ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
  console.log(`seed ${state} (NOTEFERRY_SEED=${state} repeats it)`);
  return () => {
    // mulberry32, public domain
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher and Yates. */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a !== undefined && b !== undefined) [shuffled[last], shuffled[other]] = [b, a];
  }
  return shuffled;
}
