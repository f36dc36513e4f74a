import { DatabaseSync, type StatementSync } from "node:sqlite";
import { SCHEMA } from "./schema.ts";

/**
 * The metadata. INVARIANTS:
 * - what `transaction` resolved is on the disk: journal_mode WAL with synchronous FULL syncs at every commit;
 * - the works of one commit see each other's effects in order, and one that throws leaves none;
 * - a work is synchronous, so nothing else runs between its reads and its writes;
 * - no other process opens it: the lock is the kernel's, and goes with the process however it dies.
 */
export type Database = {
  prepare(sql: string): StatementSync;
  /** Works that are asked for at about the same time share one commit, and so one sync of the disk. */
  transaction<T>(work: () => T): Promise<T>;
  /** The same synchronously, for work at the start. */
  transactionNow<T>(work: () => T): T;
  /** Calls the listener after anything was undone, for those who hold in memory what is in the tables. */
  onRollback(listener: () => void): void;
  close(): void;
};

type Waiting = { work: () => void; settle: (commitError?: unknown) => void };

/** A data folder that another server has open, whose disk is full or read-only, or whose files are broken. */
export class DataFolderUnusable extends Error {
  override name = "DataFolderUnusable" as const;
}

/** @throws {DataFolderUnusable} */
export function openDatabase(file: string): Database {
  const db = openFile(file);
  let waiting: Waiting[] = [];
  const rollbackListeners: (() => void)[] = [];

  function undo(statement: string): void {
    if (db.isTransaction) db.exec(statement); // a full disk may have rolled all of it back already
    for (const listener of rollbackListeners) listener();
  }

  function commit<T>(works: () => T): T {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = works();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      undo("ROLLBACK");
      throw error;
    }
  }

  function flush(): void {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    try {
      commit(() => {
        for (const { work } of batch) work();
      });
    } catch (error) {
      for (const { settle } of batch) settle(error);
      return;
    }
    for (const { settle } of batch) settle();
  }

  /** Undoes the work alone if it throws. */
  function savepoint<T>(work: () => T): T {
    db.exec("SAVEPOINT work");
    try {
      const result = work();
      db.exec("RELEASE work");
      return result;
    } catch (error) {
      undo("ROLLBACK TO work; RELEASE work");
      throw error;
    }
  }

  return {
    prepare: (sql) => db.prepare(sql),
    transactionNow: commit,
    onRollback: (listener) => void rollbackListeners.push(listener),
    transaction<T>(work: () => T): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      let outcome: { value: T } | { error: unknown };
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({
        work() {
          try {
            outcome = { value: savepoint(work) };
          } catch (error) {
            outcome = { error };
            if (!db.isTransaction) throw error; // nothing of this batch can be committed any more
          }
        },
        settle(commitError) {
          if (commitError !== undefined) reject(commitError);
          else if ("error" in outcome) reject(outcome.error);
          else resolve(outcome.value);
        },
      });
      return promise;
    },
    close() {
      if (waiting.length > 0) flush();
      db.close();
    },
  };
}

function openFile(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    db.exec(`PRAGMA foreign_keys = ON; BEGIN; ${SCHEMA}; COMMIT`); // one sync instead of one for each table
    return db;
  } catch (cause) {
    db?.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = "Does another server use this folder? Is its disk full or read-only?";
    throw new DataFolderUnusable(`${file} cannot be opened: ${reason}. ${advice}`, { cause });
  }
}
