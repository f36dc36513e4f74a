import { randomInt } from "node:crypto";

/** Random choices that can be repeated: the seed is printed, and taken from the environment variable if it is set. */
export function seededRandom(variable: string) {
  const seed = Number(process.env[variable] ?? randomInt(2 ** 31));
  console.log(`${variable}=${seed}`);
  let state = seed >>> 0;
  /** mulberry32 */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { seed, below, pick: <T>(items: readonly T[]): T | undefined => items[below(items.length)] };
}
