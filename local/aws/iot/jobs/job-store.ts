import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { JOB_STATUSES, type Job, JobConfig } from "./job.ts";

const Body = v.object({
  id: v.string(),
  status: v.picklist(JOB_STATUSES),
  document: v.string(),
  description: v.optional(v.string()),
  targets: v.array(v.string()),
  continuous: v.boolean(),
  config: JobConfig,
  createdAt: v.number(),
  lastUpdatedAt: v.number(),
  completedAt: v.optional(v.number()),
  forced: v.boolean(),
  reasonCode: v.optional(v.string()),
  comment: v.optional(v.string()),
  windowStart: v.number(),
  windowCount: v.number(),
});

const Row = v.pipe(
  v.object({ body: v.pipe(v.string(), v.parseJson(), Body) }),
  v.transform(
    ({ body }): Job => ({
      ...body,
      description: body.description,
      completedAt: body.completedAt,
      reasonCode: body.reasonCode,
      comment: body.comment,
    }),
  ),
);

// `waiting` are the things that a job has not been rolled out to.
const SCHEMA = `
CREATE TABLE IF NOT EXISTS jobs (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS waiting (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL,
  thing TEXT NOT NULL,
  UNIQUE (job_id, thing)
) STRICT;
`;

export type JobStore = ReturnType<typeof openJobStore>;

export function openJobStore(db: DatabaseSync) {
  db.exec(SCHEMA);
  const get = db.prepare("SELECT body FROM jobs WHERE id = ?");
  const all = db.prepare("SELECT body FROM jobs ORDER BY seq DESC");
  const insert = db.prepare("INSERT INTO jobs (id, body) VALUES (?, ?)");
  const update = db.prepare("UPDATE jobs SET body = ? WHERE id = ?");
  const remove = db.prepare("DELETE FROM jobs WHERE id = ?");
  const wait = db.prepare("INSERT OR IGNORE INTO waiting (job_id, thing) VALUES (?, ?)");
  const waiting = db.prepare("SELECT thing FROM waiting WHERE job_id = ? ORDER BY seq LIMIT ?");
  const unfinished = db.prepare(
    "SELECT body FROM jobs WHERE id IN (SELECT DISTINCT job_id FROM waiting) ORDER BY seq",
  );
  const stopWaiting = db.prepare("DELETE FROM waiting WHERE job_id = ? AND thing = ?");
  const stopAllWaiting = db.prepare("DELETE FROM waiting WHERE job_id = ?");
  const continuous = db.prepare(
    "SELECT count(*) AS count FROM jobs WHERE body ->> 'status' = 'IN_PROGRESS' AND body ->> 'continuous'",
  );
  const things = v.array(v.object({ thing: v.string() }));
  return {
    get: (id: string) => v.parse(v.optional(Row), get.get(id)),
    /** Newest first. */
    all: () => v.parse(v.array(Row), all.all()),
    /** Those that have not been rolled out to all of their things. */
    unfinished: () => v.parse(v.array(Row), unfinished.all()),
    /** Of continuous jobs, those in progress. */
    countContinuous: () => v.parse(v.object({ count: v.number() }), continuous.get()).count,
    add: (job: Job) => void insert.run(job.id, JSON.stringify(job)),
    save: (job: Job) => void update.run(JSON.stringify(job), job.id),
    remove(id: string) {
      remove.run(id);
      stopAllWaiting.run(id);
    },
    wait: (id: string, thing: string) => void wait.run(id, thing),
    /** The first of those that wait. */
    waiting: (id: string, most: number) => v.parse(things, waiting.all(id, most)).map(({ thing }) => thing),
    stopWaiting: (id: string, thing: string) => void stopWaiting.run(id, thing),
    stopAllWaiting: (id: string) => void stopAllWaiting.run(id),
  };
}
