import { randomUUID } from "node:crypto";
import type * as v from "valibot";
import { type NoteContent, notefileKind } from "../../note/note.ts";
import type { Card } from "../card.ts";
import { CardError } from "../card-error.ts";
import { contentOf, noteFields } from "../note-content.ts";
import { countOrNone, defineRequest, flag, text } from "../request.ts";
import { fitsTemplate, openTemplates } from "../templates.ts";

const fieldsOfNoteAdd = {
  file: text,
  note: text,
  ...noteFields,
  max: countOrNone,
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
  const template = openTemplates(card.flash.settings).get(file);
  const content = contentToAdd(fields, card);
  if (template !== undefined && !fitsTemplate(content.body ?? {}, template.body ?? {})) {
    throw new CardError(`the note does not fit the template of ${file} {template-incompatible}`);
  }
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
    json: {
      total: before + 1,
      note: fields.note === "?" ? name : undefined,
      ...(template === undefined ? {} : { template: true }),
    },
  };
});

function nameOf({ note }: NoteAdd, queue: boolean): string | undefined {
  if (!queue) return note === undefined || note === "?" ? randomUUID() : note;
  if (note !== undefined) throw new CardError("a queue's notes have no ID {notefile-queue-disallowed}");
  return undefined;
}

function contentToAdd({ body, payload, binary, live }: NoteAdd, card: Card): NoteContent {
  if (binary) {
    if (!live) throw new CardError("binary needs live {incompatible}");
    const bytes = card.binary.bytes();
    if (bytes.length === 0) throw new CardError("the binary buffer is empty {bad-bin}");
    card.binary.clear();
    return { body, payload: bytes.toString("base64") };
  }
  return contentOf(body, payload);
}
