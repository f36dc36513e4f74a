/** Whole seconds for which a command watches or waits. @throws {Error} the parser's sentence */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= 3600) return seconds;
  throw new Error("expected whole seconds, at most 3600");
}
