import { notefileKind } from "../../note/note.ts";
import { CardError } from "../card-error.ts";
import { defineRequest, flag, text } from "../request.ts";

/** The oldest Note of a queue, or the named one of a database. */
export const noteGet = defineRequest(
  { file: text, note: text, delete: flag, deleted: flag, decrypt: flag },
  (fields, { flash: { notes } }) => {
    const { file = "data.qi" } = fields;
    const kind = notefileKind(file);
    if (kind === undefined) throw new CardError(`no notefile is named ${file} {notefile-bad-name}`);
    if (kind === "outbound") throw new CardError(`${file} cannot be read {notefile-queue-disallowed}`);
    if (kind !== "inbound" && !fields.note) throw new CardError("no note ID specified {syntax}");
    if (!notes.notefiles().includes(file)) throw new CardError(`no notefile: ${file} {notefile-noexist}`);
    const found = kind === "inbound" ? notes.list(file)[0] : notes.get(file, fields.note ?? "");
    if (found === undefined) throw new CardError(`no note in ${file} {note-noexist}`);
    if (fields.delete) notes.delete(file, found.id);
    const { body, payload, time } = found;
    return { json: { body, payload, time } };
  },
);
