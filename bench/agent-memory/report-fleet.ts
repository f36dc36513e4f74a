import { CHANGED, FILES, measureFleet } from "./fleet.ts";
import { report, reportWritten } from "./report.ts";

/** Measures an agent of a fleet of many files, and tells. @returns false where something is above its bound. */
export async function reportFleet(node: string, bundle: string, bare: number): Promise<boolean> {
  const { peaks, written } = await measureFleet(node, bundle);
  const isSmall = [
    report("fleet", bare, peaks),
    reportWritten(`to join a fleet of ${FILES} files`, FILES, written.joined),
    reportWritten(`${CHANGED} of these`, CHANGED, written.updated),
  ];
  return !isSmall.includes(false);
}
