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

/** Most bytes that a device's disk may write for each file of a fleet: some blocks of 4 KiB for the file, its download and the records of both. */
const WRITTEN_BOUND = 40_000;

/** Prints what an agent had the disk write; true if it stayed below the bound. */
export function reportWritten(what: string, files: number, bytes: number): boolean {
  const each = bytes / files;
  console.log(
    `${what}: ${megabytes(bytes)} written, ${Math.round(each)} bytes a file, bound ${WRITTEN_BOUND} ${each < WRITTEN_BOUND ? "(ok)" : "(MISSED)"}`,
  );
  return each < WRITTEN_BOUND;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
