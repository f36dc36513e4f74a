import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { type Environment, overlaid, sameVariables, type Variables, variablesSchema } from "../variables.ts";

/** The environment variables of devices, fleets and the project, by UID. */
export type EnvironmentStore = {
  get(owner: string): Environment;
  /** Adds or changes variables; an empty value removes one, as in Notehub. What changes nothing is no modification. */
  set(owner: string, changes: Variables, now: number): Environment;
  /** Counts as a modification, though the owner's own variables stay as they are. */
  touch(owner: string, now: number): void;
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
  const write = (owner: string, variables: Variables, now: number): Environment => {
    // Two changes within a second must differ, or a device would miss the second one.
    const before = v.parse(v.object({ modified: v.nullable(v.number()) }), last.get());
    const modified = Math.max(now, (before.modified ?? 0) + 1);
    replace.run(owner, JSON.stringify(variables), modified);
    return { variables, modified };
  };
  return {
    get,
    set(owner, changes, now) {
      const before = get(owner);
      const merged = Object.entries(overlaid(before.variables, changes));
      const variables = Object.fromEntries(merged.filter(([, value]) => value !== ""));
      return sameVariables(before.variables, variables) ? before : write(owner, variables, now);
    },
    touch: (owner, now) => void write(owner, get(owner).variables, now),
  };
}
