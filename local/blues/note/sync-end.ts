import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { inTransaction } from "./database.ts";
import { noteBytes, notefileKind } from "./note.ts";
import type { NoteStore, StoredNote } from "./note-store.ts";

/** The Notes that wait to cross the link, and their size in bytes. Move these very Notes: more may have come since. */
export type Waiting = { notes: StoredNote[]; bytes: number };

/** One end of the link as a sync sees it: a Notecard, or Notehub's side of one device. */
export type SyncEnd = {
  /** Names the store, so that the other end may remember what it has taken from it. */
  readonly origin: string;
  waiting(): Waiting;
  /** Takes Notes of the other end, all or nothing. @returns those that it had not taken before. */
  take(origin: string, notes: readonly StoredNote[]): StoredNote[];
  /** Lets go of what the other end has taken: deletes Notes of queues, and marks those of databases as sent. */
  delivered(notes: readonly StoredNote[]): void;
};

/**
 * Moves Notes from one end to the other. The ends keep them in files of their own, so a crash in the middle leaves them
 * at both: the next move finishes and takes none of them twice.
 *
 * @returns the notefiles that they belong to.
 */
export function moveNotes(notes: readonly StoredNote[], from: SyncEnd, to: SyncEnd): string[] {
  to.take(from.origin, notes);
  from.delivered(notes);
  return [...new Set(notes.map(({ notefile }) => notefile))];
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS origin (id TEXT NOT NULL) STRICT;
  INSERT INTO origin SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM origin);
  CREATE TABLE IF NOT EXISTS taken (
    device TEXT NOT NULL,
    origin TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (device, origin)
  ) STRICT;
`;

/**
 * INVARIANT: `taken` holds the highest `seq` that came from an origin. The numbers of a store only grow and a sync
 * sends Notes in their order, so every Note up to that number was taken, even if it has been deleted since.
 *
 * @param put stores a Note of the other end; called within the transaction that takes it.
 */
export function openSyncEnd(
  database: DatabaseSync,
  device: string,
  store: NoteStore,
  put: (note: StoredNote) => void,
): SyncEnd {
  database.exec(SCHEMA);
  const origin = v.parse(v.object({ id: v.string() }), database.prepare("SELECT id FROM origin").get()).id;
  const last = database.prepare("SELECT seq FROM taken WHERE device = ? AND origin = ?");
  const remember = database.prepare("INSERT OR REPLACE INTO taken (device, origin, seq) VALUES (?, ?, ?)");
  return {
    origin,
    waiting() {
      const notes = store.unsent();
      return { notes, bytes: notes.reduce((sum, note) => sum + noteBytes(note), 0) };
    },
    take: (from, notes) =>
      inTransaction(database, () => {
        const seen = v.parse(v.optional(v.number(), 0), last.get(device, from)?.seq);
        const fresh = notes.filter(({ seq }) => seq > seen);
        for (const note of fresh) put(note);
        const newest = fresh.at(-1);
        if (newest !== undefined) remember.run(device, from, newest.seq);
        return fresh;
      }),
    delivered: (notes) =>
      inTransaction(database, () => {
        for (const { notefile, seq } of notes) {
          if (notefileKind(notefile) === "database") store.markSent(seq);
          else store.remove(seq);
        }
      }),
  };
}
