import type { Peaks } from "./measure.ts";

/** Most bytes of memory that the agent may use. */
const BOUND = 80_000_000;

/** Prints what an agent took; true if it stayed below the bound. */
export function report(way: string, bare: number, { idle, delivered }: Peaks): boolean {
  const most = Math.max(idle, ...delivered.map(({ peak }) => peak));
  const peaks = [{ label: "idle", peak: idle }, ...delivered].map(
    ({ label, peak }) => `${label} ${megabytes(peak)}`,
  );
  const share = `${(most / bare).toFixed(2)} x Node.js alone`;
  console.log(
    `${way.padEnd(6)} ${peaks.join("   ")}, ${share}, bound ${megabytes(BOUND)} ${most < BOUND ? "(ok)" : "(MISSED)"}`,
  );
  return most < BOUND;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
