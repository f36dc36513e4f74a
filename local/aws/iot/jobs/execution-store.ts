import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { EXECUTION_STATUSES, type Execution } from "./execution.ts";

const optionalTime = v.pipe(
  v.nullable(v.number()),
  v.transform((value) => value ?? undefined),
);

const Row = v.pipe(
  v.object({
    seq: v.number(),
    job_id: v.string(),
    thing: v.string(),
    number: v.number(),
    status: v.picklist(EXECUTION_STATUSES),
    details: v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string())),
    queued_at: v.number(),
    started_at: optionalTime,
    last_updated_at: v.number(),
    version: v.number(),
    forced: v.number(),
    progress_deadline: optionalTime,
    step_deadline: optionalTime,
  }),
  v.transform(
    (row): Execution => ({
      order: row.seq,
      jobId: row.job_id,
      thing: row.thing,
      number: row.number,
      status: row.status,
      details: row.details,
      queuedAt: row.queued_at,
      startedAt: row.started_at,
      lastUpdatedAt: row.last_updated_at,
      version: row.version,
      forced: row.forced !== 0,
      progressDeadline: row.progress_deadline,
      stepDeadline: row.step_deadline,
    }),
  ),
);

const SCHEMA = `
CREATE TABLE IF NOT EXISTS executions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL,
  thing TEXT NOT NULL,
  number INTEGER NOT NULL,
  status TEXT NOT NULL,
  details TEXT NOT NULL,
  queued_at INTEGER NOT NULL,
  started_at INTEGER,
  last_updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  forced INTEGER NOT NULL,
  progress_deadline INTEGER,
  step_deadline INTEGER,
  UNIQUE (job_id, thing, number)
) STRICT;
CREATE INDEX IF NOT EXISTS executions_by_thing ON executions (thing, status);
CREATE INDEX IF NOT EXISTS executions_by_deadline ON executions (status, progress_deadline, step_deadline);
`;

export type ExecutionStore = ReturnType<typeof openExecutionStore>;

export function openExecutionStore(db: DatabaseSync) {
  db.exec(SCHEMA);
  const insert = db.prepare(
    `INSERT INTO executions (job_id, thing, number, status, details, queued_at, last_updated_at, version, forced)
     SELECT ?1, ?2, coalesce(max(number), 0) + 1, 'QUEUED', '{}', ?3, ?3, 1, 0 FROM executions
     WHERE job_id = ?1 AND thing = ?2`,
  );
  const update = db.prepare(
    `UPDATE executions SET status = ?, details = ?, started_at = ?, last_updated_at = ?, version = ?, forced = ?,
       progress_deadline = ?, step_deadline = ? WHERE seq = ?`,
  );
  const latest = db.prepare(
    "SELECT * FROM executions WHERE job_id = ? AND thing = ? ORDER BY number DESC LIMIT 1",
  );
  const numbered = db.prepare("SELECT * FROM executions WHERE job_id = ? AND thing = ? AND number = ?");
  const pending = db.prepare(
    `SELECT * FROM executions WHERE thing = ? AND status IN ('QUEUED', 'IN_PROGRESS')
     ORDER BY status = 'QUEUED', seq`,
  );
  const ofJob = db.prepare("SELECT * FROM executions WHERE job_id = ? ORDER BY seq");
  const ofThing = db.prepare("SELECT * FROM executions WHERE thing = ? ORDER BY seq DESC");
  const overdue = db.prepare(
    `SELECT * FROM executions WHERE status = 'IN_PROGRESS' AND (progress_deadline <= ?1 OR step_deadline <= ?1)
     ORDER BY seq`,
  );
  const nextDeadline = db.prepare(
    `SELECT min(min(coalesce(progress_deadline, step_deadline), coalesce(step_deadline, progress_deadline))) AS at
     FROM executions WHERE status = 'IN_PROGRESS'`,
  );
  const removeJob = db.prepare("DELETE FROM executions WHERE job_id = ?");
  const one = (row: unknown) => v.parse(v.optional(Row), row);
  const all = (rows: unknown[]) => v.parse(v.array(Row), rows);
  return {
    /** A new one, with the next number. */
    queue: (jobId: string, thing: string, now: number) => void insert.run(jobId, thing, now),
    save: (e: Execution) =>
      void update.run(
        ...[e.status, JSON.stringify(e.details), e.startedAt ?? null, e.lastUpdatedAt, e.version],
        ...[Number(e.forced), e.progressDeadline ?? null, e.stepDeadline ?? null, e.order],
      ),
    latest: (jobId: string, thing: string) => one(latest.get(jobId, thing)),
    numbered: (jobId: string, thing: string, number: number) => one(numbered.get(jobId, thing, number)),
    /** IN_PROGRESS before QUEUED, each in the order of queueing. */
    pending: (thing: string) => all(pending.all(thing)),
    ofJob: (jobId: string) => all(ofJob.all(jobId)),
    /** Newest first. */
    ofThing: (thing: string) => all(ofThing.all(thing)),
    overdue: (now: number) => all(overdue.all(now)),
    nextDeadline: () => v.parse(v.object({ at: optionalTime }), nextDeadline.get()).at,
    removeJob: (jobId: string) => void removeJob.run(jobId),
  };
}
