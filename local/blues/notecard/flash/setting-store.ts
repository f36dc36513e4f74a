import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

/** What a Notecard keeps in its flash besides Notes, as JSON by key. */
export type SettingStore = {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  clear(): void;
};

const SCHEMA = "CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT";

export function openSettingStore(database: DatabaseSync): SettingStore {
  database.exec(SCHEMA);
  const select = database.prepare("SELECT value FROM setting WHERE key = ?");
  const replace = database.prepare("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)");
  return {
    get(key) {
      const row = select.get(key);
      return row === undefined ? undefined : JSON.parse(v.parse(v.string(), row.value));
    },
    clear: () => database.exec("DELETE FROM setting"),
    set: (key, value) => void replace.run(key, JSON.stringify(value)),
  };
}
