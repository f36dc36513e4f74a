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
  add(device: string, notefile: string, note: Note, received: number): HubEvent;
  /** Oldest first, or newest first if `descending`. Up to one more than `limit`, which tells that there are more. */
  list(page: EventPage, only: EventFilter): HubEvent[];
  /** Whether there is an event of that UID. */
  has(uid: string): boolean;
  /** The newest event of each notefile. */
  latest(device: string): HubEvent[];
};

/** A page begins with the event whose UID is `start`, if given, or else after the first `offset`. */
export type EventPage = { offset: number; limit: number; descending: boolean; start?: string | undefined };

/** Which devices' and notefiles' events to list, captured from when to when; undefined means all. */
export type EventFilter = {
  devices?: string[] | undefined;
  notefiles?: string[] | undefined;
  from?: number;
  to?: number;
};

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
  CREATE INDEX IF NOT EXISTS event_by_uid ON event (uid);
  CREATE INDEX IF NOT EXISTS event_by_notefile ON event (device, notefile, seq);
`;

const SELECT = "SELECT uid, device, notefile, note, body, payload, added, received FROM event";

export function openEventStore(database: DatabaseSync): EventStore {
  database.exec(SCHEMA);
  const insert = database.prepare(
    "INSERT INTO event (uid, device, notefile, note, body, payload, added, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  // A JSON array stands for a list of any length, which a statement has no parameter for.
  const list = (order: string, from: string) =>
    database.prepare(`
      ${SELECT}
      WHERE (?1 = 'null' OR device IN (SELECT value FROM json_each(?1)))
        AND (?2 = 'null' OR notefile IN (SELECT value FROM json_each(?2)))
        AND added >= ?5 AND added <= ?6
        AND (?7 = '' OR seq ${from} (SELECT seq FROM event WHERE uid = ?7))
      ORDER BY seq ${order} LIMIT ?3 OFFSET ?4`);
  const ascending = list("ASC", ">=");
  const descending = list("DESC", "<=");
  const byUid = database.prepare("SELECT 1 FROM event WHERE uid = ?");
  const latest = database.prepare(
    `${SELECT} WHERE seq IN (SELECT max(seq) FROM event WHERE device = ? GROUP BY notefile) ORDER BY seq`,
  );
  return {
    add(device, notefile, note, received) {
      const body = note.body === undefined ? null : JSON.stringify(note.body);
      const uid = randomUUID();
      insert.run(uid, device, notefile, note.id, body, note.payload ?? null, note.time, received);
      return {
        ...{ event: uid, device, file: notefile, note: note.id, when: note.time, received },
        ...{ body: note.body, payload: note.payload },
      };
    },
    list(page, only) {
      const statement = page.descending ? descending : ascending;
      const filters = [JSON.stringify(only.devices ?? null), JSON.stringify(only.notefiles ?? null)];
      const dates = [only.from ?? 0, only.to ?? Number.MAX_SAFE_INTEGER];
      return statement.all(...filters, page.limit + 1, page.offset, ...dates, page.start ?? "").map(toEvent);
    },
    has: (uid) => byUid.get(uid) !== undefined,
    latest: (device) => latest.all(device).map(toEvent),
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
