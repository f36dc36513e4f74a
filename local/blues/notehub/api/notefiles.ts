import * as v from "valibot";
import { notefileKind } from "../../note/note.ts";
import { bodyOf, deviceOf, type Handler } from "./call.ts";

const filesInput = v.object({ files: v.optional(v.array(v.string()), []) });

/** ListNotefiles: inbound queues and databases, with their Notes. */
export const listNotefiles: Handler = (call) => {
  const { queued } = deviceOf(call);
  const only = call.query.getAll("files").flatMap((names) => names.split(","));
  const pendingOnly = call.query.get("pending") === "true";
  const unsent = new Set(queued.unsent().map(({ seq }) => seq));
  const files = queued
    .notefiles()
    .filter((id) => ["inbound", "database"].includes(notefileKind(id) ?? ""))
    .filter((id) => only.length === 0 || only.includes(id))
    .map((id) => ({
      id,
      notes: queued.list(id).map((note) => ({
        ...{ id: note.id, body: note.body ?? {}, payload: note.payload, time: note.time },
        pending: unsent.has(note.seq),
      })),
    }));
  return { json: pendingOnly ? files.filter(({ notes }) => notes.some(({ pending }) => pending)) : files };
};

/** DeleteNotefiles. That one is gone does not travel to the Notecard. */
export const deleteNotefiles: Handler = (call) => {
  const { queued } = deviceOf(call);
  for (const name of bodyOf(call, filesInput).files) queued.drop(name);
  return { json: {} };
};
