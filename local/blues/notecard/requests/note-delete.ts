import { CardError } from "../card-error.ts";
import { databaseOnly } from "../notefile.ts";
import { defineRequest, flag, required } from "../request.ts";

/** Deletes a Note of a database here: that it was deleted does not travel to Notehub. */
export const noteDelete = defineRequest(
  { file: required, note: required, verify: flag },
  ({ file, note }, { flash: { notes } }) => {
    databaseOnly(file);
    if (!notes.notefiles().includes(file)) throw new CardError(`no notefile: ${file} {notefile-noexist}`);
    if (!notes.delete(file, note)) throw new CardError(`no note ${note} in ${file} {note-noexist}`);
    return { json: {} };
  },
);
