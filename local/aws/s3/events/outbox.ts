import * as v from "valibot";
import type { Database } from "../store/database.ts";
import { jsonColumn, KeyColumn } from "../store/object-version.ts";
import type { S3Event, S3TestEvent } from "./event.ts";

/** The compiler checked it when it was written. */
const Event = v.custom<S3Event | S3TestEvent>((value) => typeof value === "object" && value !== null);

const OutboxRow = v.object({
  id: v.number(),
  target: v.string(),
  key: KeyColumn,
  event: jsonColumn(Event),
  attempts: v.number(),
});
export type Undelivered = v.InferOutput<typeof OutboxRow>;

/** Events not yet delivered. Write within a transaction: `add` in the one that makes the change. */
export type Outbox = {
  /** @param key what the event is about; empty for a test event. */
  add(target: string, key: string, event: S3Event | S3TestEvent): void;
  /** Those that are due, oldest first. */
  due(now: number, limit: number): Undelivered[];
  /** When the next one is due, in milliseconds since 1970. */
  nextDue(): number | undefined;
  delivered(id: number): void;
  postpone(id: number, due: number): void;
};

export function openOutbox(db: Database): Outbox {
  const add = db.prepare("INSERT INTO outbox (target, key, event) VALUES (?, ?, ?)");
  const due = db.prepare("SELECT * FROM outbox WHERE due <= ? ORDER BY id LIMIT ?");
  const nextDue = db.prepare("SELECT min(due) AS due FROM outbox");
  const delivered = db.prepare("DELETE FROM outbox WHERE id = ?");
  const postpone = db.prepare("UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?");
  return {
    add: (target, key, event) => void add.run(target, Buffer.from(key), JSON.stringify(event)),
    due: (now, limit) => due.all(now, limit).map((row) => v.parse(OutboxRow, row)),
    nextDue() {
      const row = nextDue.get();
      return typeof row?.due === "number" ? row.due : undefined;
    },
    delivered: (id) => void delivered.run(id),
    postpone: (id, time) => void postpone.run(time, id),
  };
}
