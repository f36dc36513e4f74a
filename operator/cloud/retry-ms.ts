const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;

/**
 * Milliseconds until the cloud is asked again: twice as many after each fault, and half of it by chance, so that many commands do not ask
 * at once.
 *
 * @param faults how many there were in a row, from 1
 * @param random from 0 to below 1
 */
export function retryMs(faults: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(faults, 10));
  return Math.round((ceiling * (1 + random)) / 2);
}
