import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import { notefileKind } from "../../note/note.ts";
import type { StoredNote } from "../../note/note-store.ts";
import { ApiError } from "./api-error.ts";
import { bodyOf, type Call, deviceOf, type Handler, integer } from "./call.ts";

const noteInput = v.pipe(
  v.object({
    body: v.optional(jsonObject),
    payload: v.optional(v.pipe(v.string(), v.base64("payload is not base64"))),
  }),
  v.check(({ body, payload }) => body !== undefined || payload !== undefined, "neither body nor payload"),
);

/** AddQiNote. Not idempotent: each call queues another Note. */
export const addNote: Handler = (call) => {
  const notefile = notefileOf(call);
  if (notefileKind(notefile) !== "inbound") {
    throw new ApiError(400, `${notefile} is no inbound queue {notefile-bad-name}`);
  }
  return put(call, notefile);
};

/** AddDbNote and UpdateDbNote. */
export const putDatabaseNote: Handler = (call) => {
  const notefile = notefileOf(call);
  if (notefileKind(notefile) !== "database") {
    throw new ApiError(400, `${notefile} takes no note ID {notefile-queue-disallowed}`);
  }
  return put(call, notefile, call.params.noteID);
};

/** GetNotefile: the Notes that the Notecard has not fetched yet. */
export const listNotes: Handler = (call) => {
  const { queued } = deviceOf(call);
  const notefile = notefileOf(call);
  if (!queued.notefiles().includes(notefile)) {
    throw new ApiError(404, `notefile ${notefile} does not exist {notefile-noexist}`);
  }
  const notes = queued.list(notefile);
  const listed = notes.slice(0, integer(call.query, "max", notes.length, 1_000_000));
  if (call.query.get("delete") === "true") for (const { id } of listed) queued.delete(notefile, id);
  return {
    json: {
      changes: notes.length,
      total: notes.length,
      notes: Object.fromEntries(listed.map((note) => [note.id, shape(note)])),
    },
  };
};

/** GetDbNote; it works for queued Notes too. */
export const getNote: Handler = (call) => {
  const note = deviceOf(call).queued.get(notefileOf(call), call.params.noteID ?? "");
  if (note === undefined) throw noNote(call);
  if (call.query.get("delete") === "true") deviceOf(call).queued.delete(note.notefile, note.id);
  return { json: shape(note) };
};

/** DeleteNote. */
export const deleteNote: Handler = (call) => {
  if (!deviceOf(call).queued.delete(notefileOf(call), call.params.noteID ?? "")) throw noNote(call);
  return { json: {} };
};

function put(call: Call, notefile: string, name?: string) {
  const device = deviceOf(call);
  const content = bodyOf(call, noteInput);
  const time = Math.floor(call.hub.now());
  device.queued.put(notefile, content, { time, unsent: true, name });
  call.hub.options.observe?.({ kind: "note", deviceUid: device.deviceUid, notefile, body: content.body });
  device.changes.emit(notefile);
  return { json: {} };
}

function notefileOf({ params }: Call): string {
  const notefile = params.notefileID ?? "";
  if (notefileKind(notefile) === undefined) {
    throw new ApiError(400, `${notefile} is no notefile {notefile-bad-name}`);
  }
  return notefile;
}

const noNote = ({ params }: Call) =>
  new ApiError(404, `note ${params.noteID} of ${params.notefileID} does not exist {note-noexist}`);

function shape({ body, payload, time }: StoredNote) {
  return { body, payload, time };
}
