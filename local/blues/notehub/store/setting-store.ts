import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

/** What a Notecard keeps in its flash besides Notes, as JSON by key. */
export type SettingStore = {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
};

export function openSettingStore(database: DatabaseSync, device: string): SettingStore {
  const select = database.prepare("SELECT value FROM setting WHERE device = ? AND key = ?");
  const replace = database.prepare("INSERT OR REPLACE INTO setting (device, key, value) VALUES (?, ?, ?)");
  return {
    get(key) {
      const row = select.get(device, key);
      return row === undefined ? undefined : JSON.parse(v.parse(v.string(), row.value));
    },
    set: (key, value) => void replace.run(device, key, JSON.stringify(value)),
  };
}
