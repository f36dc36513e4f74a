import { setTimeout as sleep } from "node:timers/promises";

/** The longest pause before a program is started again. */
const LONGEST_MS = 5 * 60_000;

/** A program that ran so long was well: its next pause is the first again. */
const STEADY_MS = 60_000;

const DAY_MS = 24 * 60 * 60_000;

/**
 * Milliseconds before a program that ended is started again, doubling, with jitter.
 *
 * @param firstMs what the rule says
 * @param failures in a row, from 1
 * @param random from 0 to below 1
 */
export function restartMs(firstMs: number, failures: number, random: number): number {
  return Math.min(Math.max(LONGEST_MS, firstMs), firstMs * 2 ** (failures - 1)) * (0.5 + random / 2);
}

/** Failures in a row, this one included. */
export function failuresInARow(before: number, lastedMs: number): number {
  return lastedMs >= STEADY_MS ? 1 : before + 1;
}

/**
 * Whether a receipt tells of a stop. Each costs bytes on the radio: the first does, then those whose number is a power of two,
 * and one a day at most besides.
 *
 * @param stops of this version, from 1
 * @param sinceMs since the last receipt
 */
export function isWorthAReceipt(stops: number, sinceMs: number): boolean {
  return (stops & (stops - 1)) === 0 || sinceMs >= DAY_MS;
}

/** @returns false if the signal aborts before. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal }).catch(() => false);
}
