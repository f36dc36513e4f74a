import { DatabaseSync } from "node:sqlite";

// A Note is one row wherever it is. `place` says which end of the link holds it, so that a sync moves it in one statement
// and neither end ever has it twice or not at all. `seq` is its age.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS note (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('notehub', 'notecard')),
    notefile TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT,
    payload TEXT,
    time INTEGER NOT NULL,
    unsent INTEGER NOT NULL,
    UNIQUE (device, place, notefile, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS note_by_notefile ON note (device, place, notefile, seq);
  CREATE TABLE IF NOT EXISTS notefile (
    device TEXT NOT NULL,
    place TEXT NOT NULL,
    notefile TEXT NOT NULL,
    PRIMARY KEY (device, place, notefile)
  ) STRICT;
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
  CREATE TABLE IF NOT EXISTS environment (
    owner TEXT PRIMARY KEY,
    variables TEXT NOT NULL,
    modified INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS setting (
    device TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (device, key)
  ) STRICT;
`;

/**
 * Opens the database of a Notehub and of the Notecards behind it, making it if there is none. Every statement is durable
 * once it returns: a Note whose POST was answered survives `kill -9`.
 *
 * @param file a path, or `:memory:`
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
  database.exec(SCHEMA);
  return database;
}

/** Runs `work` in one transaction: all of it happens, or none of it. Not reentrant. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
