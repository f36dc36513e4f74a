const CELLS = 20;

/** How much of a whole there is, such as `[=====>              ]`. @param share from 0 to 1 */
export function bar(share: number): string {
  const full = Math.min(CELLS, Math.max(0, Math.floor(share * CELLS)));
  return `[${"=".repeat(full)}${full < CELLS ? ">" : ""}${" ".repeat(Math.max(0, CELLS - full - 1))}]`;
}
