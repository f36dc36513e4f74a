import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { parseJsonObject } from "./json-object.ts";
import type { Note, NoteContent } from "./note.ts";

/** The end of the link that a store belongs to. */
export type Edge = "notehub" | "device";

/** A stored Note; `seq` grows with every addition and every change. */
export type StoredNote = Note & { seq: number; notefile: string };

/** The Notes of one device at one end of the link, in a database that may hold those of others. */
export type NoteStore = {
  /** Adds a Note, or replaces the one of that name in a database notefile; `unsent` marks it for the next sync. */
  put(
    notefile: string,
    content: NoteContent,
    options: { time: number; name?: string | undefined; unsent?: boolean },
  ): string;
  /** Oldest first. */
  list(notefile: string): StoredNote[];
  get(notefile: string, id: string): StoredNote | undefined;
  delete(notefile: string, id: string): boolean;
  remove(seq: number): void;
  /** Deletes a notefile with its Notes. */
  drop(notefile: string): void;
  /** Every notefile that ever held a Note here, by name: an emptied queue still exists. */
  notefiles(): string[];
  /** Notes marked for the next sync, oldest first. */
  unsent(): StoredNote[];
  markSent(seq: number): void;
};

const rowSchema = v.object({
  seq: v.number(),
  notefile: v.string(),
  id: v.string(),
  body: v.nullable(v.string()),
  payload: v.nullable(v.string()),
  time: v.number(),
});

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS notes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL,
    notefile TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT,
    payload TEXT,
    time INTEGER NOT NULL,
    unsent INTEGER NOT NULL,
    UNIQUE (device, notefile, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS notes_by_notefile ON notes (device, notefile, seq);
  CREATE TABLE IF NOT EXISTS notefiles (
    device TEXT NOT NULL,
    notefile TEXT NOT NULL,
    PRIMARY KEY (device, notefile)
  ) STRICT;
`;

const SELECT = "SELECT seq, notefile, id, body, payload, time FROM notes WHERE device = ?";

// Without a name a Note gets the id that Notehub would give it: "<edge>:<count>", edge 1 being Notehub and 0 the device.
const INSERT = `
  INSERT OR REPLACE INTO notes (device, notefile, id, body, payload, time, unsent) VALUES (?, ?,
    coalesce(?, ? || ':' || (1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'notes'), 0))), ?, ?, ?, ?)
  RETURNING id`;

export function openNoteStore(database: DatabaseSync, device: string, edge: Edge): NoteStore {
  database.exec(SCHEMA);
  const prefix = edge === "notehub" ? "1" : "0";
  const create = database.prepare("INSERT OR IGNORE INTO notefiles (device, notefile) VALUES (?, ?)");
  const insert = database.prepare(INSERT);
  const list = database.prepare(`${SELECT} AND notefile = ? ORDER BY seq`);
  const get = database.prepare(`${SELECT} AND notefile = ? AND id = ?`);
  const remove = database.prepare("DELETE FROM notes WHERE device = ? AND notefile = ? AND id = ?");
  const empty = database.prepare("DELETE FROM notes WHERE device = ? AND notefile = ?");
  const forget = database.prepare("DELETE FROM notefiles WHERE device = ? AND notefile = ?");
  const notefiles = database.prepare("SELECT notefile FROM notefiles WHERE device = ? ORDER BY notefile");
  const unsent = database.prepare(`${SELECT} AND unsent = 1 ORDER BY seq`);
  const markSent = database.prepare("UPDATE notes SET unsent = 0 WHERE seq = ?");
  const removeBySeq = database.prepare("DELETE FROM notes WHERE seq = ?");
  return {
    put(notefile, content, options) {
      create.run(device, notefile);
      const body = content.body === undefined ? null : JSON.stringify(content.body);
      const { name = null, time, unsent = false } = options;
      const added = insert.get(
        ...[device, notefile, name, prefix, body, content.payload ?? null, time, unsent ? 1 : 0],
      );
      return v.parse(v.object({ id: v.string() }), added).id;
    },
    list: (notefile) => list.all(device, notefile).map(toNote),
    get(notefile, id) {
      const row = get.get(device, notefile, id);
      return row === undefined ? undefined : toNote(row);
    },
    delete: (notefile, id) => remove.run(device, notefile, id).changes > 0,
    remove: (seq) => void removeBySeq.run(seq),
    drop(notefile) {
      empty.run(device, notefile);
      forget.run(device, notefile);
    },
    notefiles: () => notefiles.all(device).map((row) => v.parse(v.string(), row.notefile)),
    unsent: () => unsent.all(device).map(toNote),
    markSent: (seq) => void markSent.run(seq),
  };
}

function toNote(row: unknown): StoredNote {
  const { body, payload, ...rest } = v.parse(rowSchema, row);
  return {
    ...rest,
    body: body === null ? undefined : parseJsonObject(body),
    payload: payload ?? undefined,
  };
}
