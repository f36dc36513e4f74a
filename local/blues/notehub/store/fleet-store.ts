import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { type JsonObject, parseJsonObject } from "../../note/json-object.ts";

/** A fleet; `created` is in epoch seconds, `settings` are those that Notehub keeps and the stand-in does not act on. */
export type Fleet = { uid: string; label: string; created: number; settings: JsonObject };

/** The fleets of the project and which devices are in them. */
export type FleetStore = {
  /** Oldest first. */
  list(): Fleet[];
  get(uid: string): Fleet | undefined;
  add(label: string, settings: JsonObject, now: number): Fleet;
  change(fleet: Fleet): void;
  /** Its devices are in it no more. */
  delete(uid: string): void;
  /** The fleets of a device, the first one joined first. */
  of(deviceUid: string): string[];
  join(deviceUid: string, fleetUid: string): void;
  leave(deviceUid: string, fleetUid: string): void;
};

// What was deleted or left stays as a row: the fleets that a Notehub starts with must not come back with the next start.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS fleet (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    created REAL NOT NULL,
    settings TEXT NOT NULL,
    deleted INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS fleet_device (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL,
    fleet TEXT NOT NULL,
    member INTEGER NOT NULL,
    UNIQUE (device, fleet)
  ) STRICT;
`;

const rowSchema = v.object({ uid: v.string(), label: v.string(), created: v.number(), settings: v.string() });

/** @param devices who is in which fleet from the start. */
export function openFleetStore(
  database: DatabaseSync,
  devices: readonly { deviceUid: string; fleetUids: readonly string[] }[],
): FleetStore {
  database.exec(SCHEMA);
  const insert = database.prepare(
    "INSERT OR IGNORE INTO fleet (uid, label, created, settings, deleted) VALUES (?, ?, ?, ?, 0)",
  );
  const all = database.prepare(
    "SELECT uid, label, created, settings FROM fleet WHERE deleted = 0 ORDER BY seq",
  );
  const one = database.prepare(
    "SELECT uid, label, created, settings FROM fleet WHERE deleted = 0 AND uid = ?",
  );
  const update = database.prepare("UPDATE fleet SET label = ?, settings = ? WHERE uid = ?");
  const bury = database.prepare("UPDATE fleet SET deleted = 1 WHERE uid = ?");
  const disband = database.prepare("UPDATE fleet_device SET member = 0 WHERE fleet = ?");
  const begin = database.prepare(
    "INSERT OR IGNORE INTO fleet_device (device, fleet, member) VALUES (?, ?, 1)",
  );
  const put = database.prepare(
    "INSERT OR REPLACE INTO fleet_device (device, fleet, member) VALUES (?, ?, ?)",
  );
  const of = database.prepare("SELECT fleet FROM fleet_device WHERE device = ? AND member = 1 ORDER BY seq");
  const fleetsOf = (device: string) => of.all(device).map(({ fleet }) => v.parse(v.string(), fleet));

  for (const { deviceUid, fleetUids } of devices) {
    for (const fleet of fleetUids) {
      insert.run(fleet, fleet, 0, "{}");
      begin.run(deviceUid, fleet);
    }
  }

  return {
    list: () => all.all().map(toFleet),
    get(uid) {
      const row = one.get(uid);
      return row === undefined ? undefined : toFleet(row);
    },
    add(label, settings, created) {
      const uid = `fleet:${randomUUID()}`;
      insert.run(uid, label, created, JSON.stringify(settings));
      return { uid, label, created, settings };
    },
    change: ({ uid, label, settings }) => void update.run(label, JSON.stringify(settings), uid),
    delete(uid) {
      bury.run(uid);
      disband.run(uid);
    },
    of: fleetsOf,
    join(device, fleet) {
      // The order is that of joining, so one that is in it already stays where it is.
      if (!fleetsOf(device).includes(fleet)) put.run(device, fleet, 1);
    },
    leave: (device, fleet) => void put.run(device, fleet, 0),
  };
}

function toFleet(row: unknown): Fleet {
  const { settings, ...rest } = v.parse(rowSchema, row);
  return { ...rest, settings: parseJsonObject(settings) ?? {} };
}
