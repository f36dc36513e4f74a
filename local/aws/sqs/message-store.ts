import { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

/** A row of the queue file; times in epoch milliseconds. */
const StoredMessageSchema = v.object({
  id: v.number(),
  message_id: v.string(),
  body: v.string(),
  attributes: v.string(),
  sent_at: v.number(),
  first_received_at: v.nullable(v.number()),
  receive_count: v.number(),
  source_arn: v.nullable(v.string()),
});

export type StoredMessage = v.InferOutput<typeof StoredMessageSchema>;

const NextVisible = v.optional(StoredMessageSchema);
const FirstVisible = v.object({ at: v.nullable(v.number()) });

export type NewMessage = {
  messageId: string;
  body: string;
  attributes: string;
  sentAt: number;
  visibleAt: number;
};

const DepthSchema = v.object({ visible: v.number(), inFlight: v.number(), delayed: v.number() });

/** How many messages can be received, were received and not deleted, and are not due yet. */
export type Depth = v.InferOutput<typeof DepthSchema>;

/**
 * The rows of all queues in one SQLite file. Each call is one statement, so it happens whole or not at all, and has
 * reached the disk when it returns.
 */
export type MessageStore = ReturnType<typeof openMessageStore>;

// A message is in flight while it has a receipt and is not visible; delayed while it is not visible without one.
const SCHEMA = `
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL,
  message_id TEXT NOT NULL,
  body TEXT NOT NULL,
  attributes TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,
  first_received_at INTEGER,
  receive_count INTEGER NOT NULL DEFAULT 0,
  receipt TEXT,
  source_arn TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS messages_by_queue ON messages (queue, visible_at);
CREATE UNIQUE INDEX IF NOT EXISTS messages_by_receipt ON messages (receipt);
`;

export function openMessageStore(file: string) {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
  db.exec(SCHEMA);

  const insert = db.prepare(
    "INSERT INTO messages (queue, message_id, body, attributes, sent_at, visible_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const nextVisible = db.prepare(
    "SELECT * FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT 1",
  );
  const take = db.prepare(
    `UPDATE messages SET receipt = ?, visible_at = ?, receive_count = receive_count + 1,
       first_received_at = coalesce(first_received_at, ?) WHERE id = ?`,
  );
  const bury = db.prepare(
    `UPDATE messages SET queue = ?, source_arn = ?, visible_at = ?, receipt = NULL, receive_count = 0,
       first_received_at = NULL WHERE id = ?`,
  );
  const remove = db.prepare("DELETE FROM messages WHERE queue = ? AND receipt = ?");
  const setVisible = db.prepare(
    "UPDATE messages SET visible_at = ? WHERE queue = ? AND receipt = ? AND visible_at > ?",
  );
  const firstVisible = db.prepare("SELECT min(visible_at) AS at FROM messages WHERE queue = ?");
  const expire = db.prepare("DELETE FROM messages WHERE queue = ? AND sent_at <= ?");
  const purge = db.prepare("DELETE FROM messages WHERE queue = ?");
  const release = db.prepare(
    "UPDATE messages SET visible_at = ? WHERE receipt IS NOT NULL AND visible_at > ?",
  );
  const count = db.prepare(
    `SELECT coalesce(sum(visible_at <= :now), 0) AS visible,
       coalesce(sum(visible_at > :now AND receipt IS NOT NULL), 0) AS inFlight,
       coalesce(sum(visible_at > :now AND receipt IS NULL), 0) AS delayed
     FROM messages WHERE queue = :queue`,
  );

  return {
    insert: (queue: string, m: NewMessage) =>
      void insert.run(queue, m.messageId, m.body, m.attributes, m.sentAt, m.visibleAt),
    nextVisible: (queue: string, now: number) => v.parse(NextVisible, nextVisible.get(queue, now)),
    take: (id: number, receipt: string, visibleAt: number, now: number) =>
      void take.run(receipt, visibleAt, now, id),
    /** Moves a message to its dead-letter queue. */
    bury: (id: number, queue: string, sourceArn: string, now: number) =>
      void bury.run(queue, sourceArn, now, id),
    remove: (queue: string, receipt: string) => Number(remove.run(queue, receipt).changes) > 0,
    setVisible: (queue: string, receipt: string, visibleAt: number, now: number) =>
      Number(setVisible.run(visibleAt, queue, receipt, now).changes) > 0,
    /** When the first message becomes visible; undefined in an empty queue. */
    firstVisible: (queue: string) => v.parse(FirstVisible, firstVisible.get(queue)).at ?? undefined,
    expire: (queue: string, sentUntil: number) => void expire.run(queue, sentUntil),
    purge: (queue: string) => void purge.run(queue),
    /** Makes every message in flight visible. */
    release: (now: number) => void release.run(now, now),
    count: (queue: string, now: number) => v.parse(DepthSchema, count.get({ queue, now })),
    close() {
      if (db.isOpen) db.close();
    },
  };
}
