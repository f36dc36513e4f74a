import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { parseJsonObject } from "./json-object.ts";
import type { Note, NoteContent } from "./note.ts";

/** Which end of the link holds a Note. */
export type Place = "notehub" | "notecard";

/** A stored Note; `seq` grows with every addition and every change. */
export type StoredNote = Note & { seq: number; notefile: string };

/** The Notes of one device at one end of the link. */
export type NoteStore = {
  /** Adds a Note, or replaces the one of that name in a database notefile; `unsent` marks it for the next sync. */
  put(
    notefile: string,
    content: NoteContent,
    options: { time: number; name?: string; unsent?: boolean },
  ): string;
  /** Oldest first. */
  list(notefile: string): StoredNote[];
  get(notefile: string, id: string): StoredNote | undefined;
  delete(notefile: string, id: string): boolean;
  /** Every notefile that ever held a Note here, by name: an emptied queue still exists. */
  notefiles(): string[];
  /** Notes marked for the next sync, oldest first. */
  unsent(): StoredNote[];
  markSent(seq: number): void;
  /** Takes over a queue's Note from the other end, which keeps its id and loses it. */
  take(note: StoredNote): void;
};

const rowSchema = v.object({
  seq: v.number(),
  notefile: v.string(),
  id: v.string(),
  body: v.nullable(v.string()),
  payload: v.nullable(v.string()),
  time: v.number(),
});

const SELECT = "SELECT seq, notefile, id, body, payload, time FROM note WHERE device = ? AND place = ?";

// Without a name a Note gets the id that Notehub would give it: "<edge>:<count>", edge 1 being Notehub and 0 the device.
const INSERT = `
  INSERT OR REPLACE INTO note (device, place, notefile, id, body, payload, time, unsent) VALUES (?, ?, ?,
    coalesce(?, ? || ':' || (1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'note'), 0))), ?, ?, ?, ?)
  RETURNING id`;

export function openNoteStore(database: DatabaseSync, device: string, place: Place): NoteStore {
  const edge = place === "notehub" ? "1" : "0";
  const create = database.prepare(
    "INSERT OR IGNORE INTO notefile (device, place, notefile) VALUES (?, ?, ?)",
  );
  const insert = database.prepare(INSERT);
  const list = database.prepare(`${SELECT} AND notefile = ? ORDER BY seq`);
  const get = database.prepare(`${SELECT} AND notefile = ? AND id = ?`);
  const remove = database.prepare(
    "DELETE FROM note WHERE device = ? AND place = ? AND notefile = ? AND id = ?",
  );
  const notefiles = database.prepare(
    "SELECT notefile FROM notefile WHERE device = ? AND place = ? ORDER BY notefile",
  );
  const unsent = database.prepare(`${SELECT} AND unsent = 1 ORDER BY seq`);
  const markSent = database.prepare("UPDATE note SET unsent = 0 WHERE seq = ?");
  const move = database.prepare("UPDATE note SET place = ?, unsent = 0 WHERE seq = ?");
  return {
    put(notefile, content, options) {
      create.run(device, place, notefile);
      const body = content.body === undefined ? null : JSON.stringify(content.body);
      const { name = null, time, unsent = false } = options;
      const added = insert.get(
        ...[device, place, notefile, name, edge, body, content.payload ?? null, time, unsent ? 1 : 0],
      );
      return v.parse(v.object({ id: v.string() }), added).id;
    },
    list: (notefile) => list.all(device, place, notefile).map(toNote),
    get(notefile, id) {
      const row = get.get(device, place, notefile, id);
      return row === undefined ? undefined : toNote(row);
    },
    delete: (notefile, id) => remove.run(device, place, notefile, id).changes > 0,
    notefiles: () => notefiles.all(device, place).map((row) => v.parse(v.string(), row.notefile)),
    unsent: () => unsent.all(device, place).map(toNote),
    markSent: (seq) => void markSent.run(seq),
    take(note) {
      create.run(device, place, note.notefile);
      move.run(place, note.seq);
    },
  };
}

function toNote(row: unknown): StoredNote {
  const { body, payload, ...rest } = v.parse(rowSchema, row);
  const parsed = body === null ? undefined : parseJsonObject(body);
  return {
    ...rest,
    ...(parsed === undefined ? {} : { body: parsed }),
    ...(payload === null ? {} : { payload }),
  };
}
