import { PortClosed } from "./port.ts";

/**
 * Nothing on a newly opened line has behaved as a Notecard does. The line was closed: no further request may wait for it. A
 * Notecard that is busy for long with the request of an earlier host looks the same, and answers on a later line.
 */
export class NotANotecard extends PortClosed {
  override readonly name = "NotANotecard";
}

/** Characters of what was heard that a sentence takes. */
const HEARD_CHARS = 60;

/** What was heard, for a sentence: in printable characters, cut. Empty if nothing was. */
export function heardText(bytes: Buffer): string {
  const text = bytes
    .toString("latin1")
    .trim()
    .replaceAll(/[\r\n]+/g, " ")
    .replaceAll(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return text.length > HEARD_CHARS ? `${text.slice(0, HEARD_CHARS)}…` : text;
}
