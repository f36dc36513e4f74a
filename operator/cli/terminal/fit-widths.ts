/** The column of sentences: what it loses, `--json` has. */
const SENTENCES = "REASON";
/** Characters that a column keeps: the beginning of a sentence; and most keys and paths, and any UID, which are copied from the table. */
const SENTENCE_CHARS = 16;
const NAME_CHARS = 44;
/** Between two columns. */
const GAP = 2;

/**
 * The widths of a table's columns on a terminal of so many characters: what is too long gives way, sentences first. What is still
 * wider the terminal wraps: a UID or a time that is cut is of no use.
 *
 * @param widths of the longest cell of each column
 */
export function fitWidths(header: readonly string[], widths: readonly number[], columns: number): number[] {
  const fitted = [...widths];
  let over = fitted.reduce((sum, width) => sum + width, GAP * (fitted.length - 1)) - columns;
  for (const least of [SENTENCE_CHARS, NAME_CHARS]) {
    const cut = [...fitted.keys()].filter((at) => (header[at] === SENTENCES) === (least === SENTENCE_CHARS));
    while (over > 0) {
      const widest = cut.reduce<number>((most, at) => Math.max(most, fitted[at] ?? 0), 0);
      if (widest <= least) break;
      fitted[cut.find((at) => fitted[at] === widest) ?? 0] = widest - 1;
      over -= 1;
    }
  }
  return fitted;
}

/** Text of at most so many characters, of which the last says that there is more. */
export function cutTo(text: string, chars: number): string {
  if (text.length <= chars) return text;
  return `${text.slice(0, chars - 1).replace(/[\ud800-\udbff]$/, "")}…`; // half a character is none
}
