/** A line to show. `transient` ones may be overwritten by the next line of the same file. */
export type Narration = {
  /** The step, as the line begins. */
  what: string;
  key: string;
  text: string;
  transient: boolean;
  /** Of a transfer: how much of it is there, from 0 to 1, and the character of the text before which a bar may stand. `isNewTenth`: the line before was of another tenth. */
  meter?: { share: number; at: number; isNewTenth: boolean } | undefined;
  /** Of one device among several, or of one file of a fleet among several; `gatherBursts` tells many of the same as one line. */
  part?: Part;
};

/** What one device, or one file, adds to a line for several. `detail` is the same for all of them; `size`: bytes of the file. */
export type Part = { detail: string; device?: string | undefined; size?: number | undefined } & Measured;

export type Measured = { seconds?: number | undefined; linkBytes?: number };

/** A folder is uploaded for a fleet, a thing or a group of things as a whole: of its files many come at once. */
export function isOfFleet(key: string): boolean {
  return /^(?:fleets|things|thing-groups)\//.test(key);
}

/** The longest word that a line begins with is `rolled back`: what follows begins in one column. */
const LABEL_CHARS = 11;

export function label(what: string): string {
  return what.padEnd(LABEL_CHARS);
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}
