import { notefileKind } from "../note/note.ts";
import { CardError } from "./card-error.ts";

/** @throws {CardError} for a notefile whose Notes have no ID, and for a name that is none. */
export function databaseOnly(file: string): void {
  const kind = notefileKind(file);
  if (kind === undefined) throw new CardError(`no notefile is named ${file} {notefile-bad-name}`);
  if (kind === "inbound" || kind === "outbound") {
    throw new CardError(`${file} is a queue, not a database {notefile-queue-disallowed}`);
  }
}
