/** The value of `--limit`. @throws {Error} the parser's sentence */
export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new Error("expected a whole number, 1 or more");
  return limit;
}
