import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

const Name = v.object({ name: v.string() });
const names = (rows: unknown[]) => v.parse(v.array(Name), rows).map(({ name }) => name);

const SCHEMA = `
CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY, attributes TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS members (
  group_name TEXT NOT NULL REFERENCES groups (name) ON DELETE CASCADE,
  thing TEXT NOT NULL REFERENCES things (name) ON DELETE CASCADE,
  PRIMARY KEY (group_name, thing)
) STRICT;
`;

/** Things, groups, and who is in which. A certificate belongs to the thing that its common name names. */
export type Registry = ReturnType<typeof openRegistry>;

export function openRegistry(db: DatabaseSync) {
  db.exec(`PRAGMA foreign_keys = ON; ${SCHEMA}`);
  const attributes = db.prepare("SELECT attributes FROM things WHERE name = ?");
  const addThing = db.prepare("INSERT OR IGNORE INTO things VALUES (?, ?)");
  const removeThing = db.prepare("DELETE FROM things WHERE name = ?");
  const things = db.prepare("SELECT name FROM things ORDER BY name");
  const group = db.prepare("SELECT name FROM groups WHERE name = ?");
  const addGroup = db.prepare("INSERT OR IGNORE INTO groups VALUES (?)");
  const removeGroup = db.prepare("DELETE FROM groups WHERE name = ?");
  const groups = db.prepare("SELECT name FROM groups ORDER BY name");
  const join = db.prepare("INSERT OR IGNORE INTO members VALUES (?, ?)");
  const leave = db.prepare("DELETE FROM members WHERE group_name = ? AND thing = ?");
  const members = db.prepare("SELECT thing AS name FROM members WHERE group_name = ? ORDER BY thing");
  const groupsOf = db.prepare("SELECT group_name AS name FROM members WHERE thing = ? ORDER BY group_name");
  return {
    hasThing: (name: string) => attributes.get(name) !== undefined,
    /** As they were given; undefined for a thing that there is not. */
    attributesOf(name: string): Record<string, string> | undefined {
      const row = attributes.get(name);
      return row === undefined ? undefined : JSON.parse(v.parse(v.string(), row.attributes));
    },
    /** Leaves one that is there as it is. */
    addThing: (name: string, given: Readonly<Record<string, string>> = {}) =>
      void addThing.run(name, JSON.stringify(given)),
    removeThing: (name: string) => void removeThing.run(name),
    things: () => names(things.all()),
    hasGroup: (name: string) => group.get(name) !== undefined,
    addGroup: (name: string) => void addGroup.run(name),
    removeGroup: (name: string) => void removeGroup.run(name),
    groups: () => names(groups.all()),
    join: (groupName: string, thing: string) => void join.run(groupName, thing),
    leave: (groupName: string, thing: string) => void leave.run(groupName, thing),
    members: (groupName: string) => names(members.all(groupName)),
    groupsOf: (thing: string) => names(groupsOf.all(thing)),
  };
}
