import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

export const variablesSchema = v.record(v.string(), v.string());

/** Environment variables and when they last changed, in epoch seconds; 0 if they were never set. */
export type Environment = { variables: Record<string, string>; modified: number };

/** The environment variables of devices and fleets, by UID. */
export type EnvironmentStore = {
  get(owner: string): Environment;
  /** Adds or changes variables; an empty value removes one, as in Notehub. */
  set(owner: string, variables: Record<string, string>, now: number): Environment;
};

const rowSchema = v.object({
  variables: v.pipe(v.string(), v.parseJson(), variablesSchema),
  modified: v.number(),
});

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS environment (
    owner TEXT PRIMARY KEY,
    variables TEXT NOT NULL,
    modified INTEGER NOT NULL
  ) STRICT;
`;

export function openEnvironmentStore(database: DatabaseSync): EnvironmentStore {
  database.exec(SCHEMA);
  const select = database.prepare("SELECT variables, modified FROM environment WHERE owner = ?");
  const last = database.prepare("SELECT max(modified) AS modified FROM environment");
  const replace = database.prepare(
    "INSERT OR REPLACE INTO environment (owner, variables, modified) VALUES (?, ?, ?)",
  );
  const get = (owner: string): Environment => {
    const row = select.get(owner);
    return row === undefined ? { variables: {}, modified: 0 } : v.parse(rowSchema, row);
  };
  return {
    get,
    set(owner, changes, now) {
      // Two changes within a second must differ, or a device would miss the second one.
      const before = v.parse(v.object({ modified: v.nullable(v.number()) }), last.get());
      const modified = Math.max(now, (before.modified ?? 0) + 1);
      const merged = Object.entries({ ...get(owner).variables, ...changes });
      const variables = Object.fromEntries(merged.filter(([, value]) => value !== ""));
      replace.run(owner, JSON.stringify(variables), modified);
      return { variables, modified };
    },
  };
}

/** What a device sees: the variables of its project and fleets, the later over the earlier, overridden by its own. */
export function effectiveEnvironment(shared: Environment[], device: Environment): Environment {
  const layers = [...shared, device];
  return {
    variables: Object.assign({}, ...layers.map(({ variables }) => variables)),
    modified: Math.max(...layers.map(({ modified }) => modified)),
  };
}
