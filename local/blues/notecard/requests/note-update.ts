import { notefileKind } from "../../note/note.ts";
import { contentOf, noteFields } from "../note-content.ts";
import { databaseOnly } from "../notefile.ts";
import { defineRequest, flag, required } from "../request.ts";

/** Replaces a Note of a database, or adds it, as blues/note does. */
export const noteUpdate = defineRequest(
  { file: required, note: required, ...noteFields, sync: flag, verify: flag },
  ({ file, note, body, payload, sync }, { flash, connection, now }) => {
    databaseOnly(file);
    const unsent = notefileKind(file) === "database";
    flash.notes.put(file, contentOf(body, payload), { time: now(), name: note, unsent });
    if (sync) connection.sync({ outbound: true }, true);
    return { json: {} };
  },
);
