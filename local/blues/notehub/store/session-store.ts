import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

/** A time in which a device spoke with this Notehub without a restart of Notehub between. Epoch seconds. */
export type StoredSession = { uid: string; began: number; ended: number; events: number };

export type SessionStore = {
  /** The device has spoken, and sent so many events. */
  touch(deviceUid: string, events: number, now: number): void;
  /** Newest first. Up to one more than `limit`, which tells that there are more. */
  list(deviceUid: string, page: { offset: number; limit: number; from: number; to: number }): StoredSession[];
};

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS session (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    began REAL NOT NULL,
    ended REAL NOT NULL,
    events INTEGER NOT NULL
  ) STRICT;
`;

const rowSchema = v.object({ uid: v.string(), began: v.number(), ended: v.number(), events: v.number() });

export function openSessionStore(database: DatabaseSync): SessionStore {
  database.exec(SCHEMA);
  const insert = database.prepare(
    "INSERT INTO session (uid, device, began, ended, events) VALUES (?, ?, ?, ?, ?)",
  );
  const update = database.prepare("UPDATE session SET ended = ?, events = events + ? WHERE uid = ?");
  const list = database.prepare(`
    SELECT uid, began, ended, events FROM session WHERE device = ? AND began >= ? AND began <= ?
    ORDER BY seq DESC LIMIT ? OFFSET ?`);
  const current = new Map<string, string>();
  return {
    touch(device, events, now) {
      const known = current.get(device);
      if (known !== undefined) return void update.run(now, events, known);
      const uid = randomUUID();
      insert.run(uid, device, now, now, events);
      current.set(device, uid);
    },
    list: (device, { offset, limit, from, to }) =>
      list.all(device, from, to, limit + 1, offset).map((row) => v.parse(rowSchema, row)),
  };
}
