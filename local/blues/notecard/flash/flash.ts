import { openDatabase } from "../../note/database.ts";
import { type NoteStore, openNoteStore } from "../../note/note-store.ts";
import { openSyncEnd, type SyncEnd } from "../../note/sync-end.ts";
import { openSettingStore, type SettingStore } from "./setting-store.ts";

/** What a Notecard keeps without power, and over restarts of the stack. */
export type Flash = {
  /** Its Notes; `put` with `unsent` queues one for Notehub. */
  notes: NoteStore;
  sync: SyncEnd;
  settings: SettingStore;
  close(): void;
};

/** @throws if the file cannot be opened as a SQLite database. */
export function openFlash(file: string, deviceUid: string): Flash {
  const database = openDatabase(file);
  const notes = openNoteStore(database, deviceUid, "device");
  const sync = openSyncEnd(database, deviceUid, notes, (note) => {
    notes.put(note.notefile, note, { time: note.time, name: note.id });
  });
  return { notes, sync, settings: openSettingStore(database), close: () => database.close() };
}
