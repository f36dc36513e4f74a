/** Times that somebody else may write first before we give way; whoever sent the report sends it again. */
const MAX_CONFLICTS = 20;

/** Too many others wrote the same item. */
export class Contended extends Error {
  override name = "Contended" as const;
}

/**
 * @param attempt false if somebody else wrote first
 * @throws {Contended}
 */
export async function raceFor(attempt: () => Promise<boolean>): Promise<void> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) if (await attempt()) return;
  throw new Contended("others kept writing what this report changes");
}

export function isSame(a: object | undefined, b: object | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
