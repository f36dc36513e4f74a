/** Control characters, and those that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
const MOVES_CURSOR = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text of others on one line, without what moves a terminal's cursor or changes its colours. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll(MOVES_CURSOR, "\ufffd");
}
