import type { Peaks } from "./measure.ts";

/** Most bytes of memory that the agent may use. */
const BOUND = 80_000_000;

/** Prints what an agent took; true if it stayed below the bound. */
export function report(way: string, bare: number, { idle, delivered }: Peaks): boolean {
  const [small = Number.NaN, large = Number.NaN] = delivered;
  const holds = Math.max(idle, ...delivered) < BOUND;
  console.log(
    `${way.padEnd(6)} idle ${megabytes(idle)}   1 MB ${megabytes(small)}   100 MB ${megabytes(large)}, ` +
      `${(large / bare).toFixed(2)} x Node.js alone, bound ${megabytes(BOUND)} ${holds ? "(ok)" : "(MISSED)"}`,
  );
  return holds;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
