import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { type JsonObject, parseJsonObject } from "../../note/json-object.ts";
import type { Note } from "../../note/note.ts";

/** An outbound Note as Notehub's events list it. Times are in epoch seconds. */
export type HubEvent = {
  event: string;
  device: string;
  file: string;
  note: string;
  when: number;
  received: number;
  body: JsonObject | undefined;
  payload: string | undefined;
};

export type EventStore = {
  add(device: string, notefile: string, note: Note, received: number): void;
  /** Oldest first, or newest first if `descending`. Up to one more than `limit`, which tells that there are more. */
  list(page: { offset: number; limit: number; descending: boolean }, only: EventFilter): HubEvent[];
};

/** Which devices' and notefiles' events to list; an empty list means all. */
export type EventFilter = { devices: string[]; notefiles: string[] };

const rowSchema = v.object({
  uid: v.string(),
  device: v.string(),
  notefile: v.string(),
  note: v.string(),
  body: v.nullable(v.string()),
  payload: v.nullable(v.string()),
  added: v.number(),
  received: v.number(),
});

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    device TEXT NOT NULL,
    notefile TEXT NOT NULL,
    note TEXT NOT NULL,
    body TEXT,
    payload TEXT,
    added INTEGER NOT NULL,
    received REAL NOT NULL
  ) STRICT;
`;

export function openEventStore(database: DatabaseSync): EventStore {
  database.exec(SCHEMA);
  const insert = database.prepare(
    "INSERT INTO event (uid, device, notefile, note, body, payload, added, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  // A JSON array stands for a list of any length, which a statement has no parameter for.
  const list = (order: string) =>
    database.prepare(`
      SELECT uid, device, notefile, note, body, payload, added, received FROM event
      WHERE (?1 = '[]' OR device IN (SELECT value FROM json_each(?1)))
        AND (?2 = '[]' OR notefile IN (SELECT value FROM json_each(?2)))
      ORDER BY seq ${order} LIMIT ?3 OFFSET ?4`);
  const ascending = list("ASC");
  const descending = list("DESC");
  return {
    add(device, notefile, note, received) {
      const body = note.body === undefined ? null : JSON.stringify(note.body);
      insert.run(randomUUID(), device, notefile, note.id, body, note.payload ?? null, note.time, received);
    },
    list(page, only) {
      const statement = page.descending ? descending : ascending;
      const filters = [JSON.stringify(only.devices), JSON.stringify(only.notefiles)];
      return statement.all(...filters, page.limit + 1, page.offset).map(toEvent);
    },
  };
}

function toEvent(row: unknown): HubEvent {
  const { uid, notefile, added, body, payload, ...rest } = v.parse(rowSchema, row);
  return {
    ...rest,
    ...{ event: uid, file: notefile, when: added },
    body: body === null ? undefined : parseJsonObject(body),
    payload: payload ?? undefined,
  };
}
