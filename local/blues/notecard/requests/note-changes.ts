import * as v from "valibot";
import { notefileKind } from "../../note/note.ts";
import { CardError } from "../card-error.ts";
import { defineRequest, flag, required, text } from "../request.ts";
import { openTrackers } from "../trackers.ts";

/** The Notes of a notefile, or with a tracker those that it has not shown yet. */
export const noteChanges = defineRequest(
  {
    file: required,
    tracker: text,
    max: v.optional(v.union([v.literal(-1), v.pipe(v.number(), v.integer(), v.minValue(1))])),
    start: flag,
    stop: flag,
    reset: flag,
    delete: flag,
    deleted: flag,
  },
  (fields, { flash: { notes: stored, settings } }) => {
    const { file, tracker } = fields;
    if (notefileKind(file) === undefined)
      throw new CardError(`no notefile is named ${file} {notefile-bad-name}`);
    if (!stored.notefiles().includes(file)) throw new CardError(`no notefile: ${file} {notefile-noexist}`);
    const trackers = openTrackers(settings);
    if (tracker !== undefined && (fields.start || fields.reset)) trackers.set(tracker, file, 0);

    const all = stored.list(file);
    const seen = tracker === undefined ? 0 : trackers.get(tracker, file);
    const pending = all.filter(({ seq }) => seq > seen);
    const { max = -1 } = fields;
    const shown = max === -1 ? pending : pending.slice(0, max);
    const last = shown.at(-1);
    if (tracker !== undefined && last !== undefined) trackers.set(tracker, file, last.seq);
    if (tracker !== undefined && fields.stop) trackers.delete(tracker);
    if (fields.delete) for (const { id } of shown) stored.delete(file, id);
    return {
      json: {
        changes: pending.length,
        total: all.length,
        notes: Object.fromEntries(
          shown.map(({ id, body = {}, payload, time }) => [id, { body, payload, time }]),
        ),
      },
    };
  },
);
