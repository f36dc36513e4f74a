import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import { type NoteContent, notefileKind } from "../../note/note.ts";
import type { Card } from "../card.ts";
import { CardError } from "../card-error.ts";
import { count, defineRequest, flag, text } from "../request.ts";

/** Bytes of a Note's payload: notecard-schema, `note.add` request. */
const PAYLOAD_MAX_BYTES = 256;

const fieldsOfNoteAdd = {
  file: text,
  note: text,
  body: v.optional(jsonObject),
  payload: v.optional(v.pipe(v.string(), v.base64("is not base64"))),
  max: count,
  sync: flag,
  live: flag,
  binary: flag,
};

type NoteAdd = v.InferOutput<v.ObjectSchema<typeof fieldsOfNoteAdd, undefined>>;

/** Queues a Note for Notehub, or puts one into a database notefile. */
export const noteAdd = defineRequest(fieldsOfNoteAdd, (fields, card) => {
  const { connection, now } = card;
  const { notes } = card.flash;
  const { file = "data.qo" } = fields;
  const kind = notefileKind(file);
  if (kind === undefined || kind === "inbound")
    throw new CardError(`cannot add to ${file} {notefile-bad-name}`);
  const name = nameOf(fields, kind === "outbound");
  if (name !== undefined && notes.get(file, name) !== undefined) {
    throw new CardError(`note ${name} exists in ${file} {note-exists}`);
  }
  const content = contentOf(fields, card);
  const before = notes.list(file).length;
  if (fields.max !== undefined && before >= fields.max) throw new CardError(`${file} is full {note-max}`);
  notes.put(file, content, {
    time: now(),
    unsent: kind !== "local",
    name,
  });
  const full = fields.max !== undefined && before + 1 === fields.max;
  if (fields.sync && (fields.max === undefined || full)) connection.sync({ outbound: true }, true);
  return {
    json: { total: before + 1, note: fields.note === "?" ? name : undefined },
  };
});

function nameOf({ note }: NoteAdd, queue: boolean): string | undefined {
  if (!queue) return note === undefined || note === "?" ? randomUUID() : note;
  if (note !== undefined) throw new CardError("a queue's notes have no ID {notefile-queue-disallowed}");
  return undefined;
}

function contentOf({ body, payload, binary, live }: NoteAdd, card: Card): NoteContent {
  if (binary) {
    if (!live) throw new CardError("binary needs live {incompatible}");
    const bytes = card.binary.bytes();
    if (bytes.length === 0) throw new CardError("the binary buffer is empty {bad-bin}");
    card.binary.clear();
    return { body, payload: bytes.toString("base64") };
  }
  if (body === undefined && payload === undefined) throw new CardError("neither body nor payload {syntax}");
  if (Buffer.byteLength(payload ?? "", "base64") > PAYLOAD_MAX_BYTES) {
    throw new CardError(`payload too large, ${PAYLOAD_MAX_BYTES} bytes at most {too-big}`);
  }
  return { body, payload };
}
