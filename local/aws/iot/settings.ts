import type { DatabaseSync } from "node:sqlite";

/** Switches of the account that outlive a restart. */
export type Settings = {
  /** Whether `$aws/events/jobExecution/…` are published. */
  jobExecutionEvents(): boolean;
  setJobExecutionEvents(enabled: boolean): void;
};

/** Off until they are put on, as at AWS. */
export function openSettings(db: DatabaseSync): Settings {
  db.exec("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT");
  const get = db.prepare("SELECT value FROM settings WHERE name = 'JOB_EXECUTION'");
  const put = db.prepare("INSERT OR REPLACE INTO settings VALUES ('JOB_EXECUTION', ?)");
  return {
    jobExecutionEvents: () => get.get()?.value === 1,
    setJobExecutionEvents: (enabled) => void put.run(Number(enabled)),
  };
}
