import type { JsonObject } from "../note/json-object.ts";
import { type NoteStore, openNoteStore } from "../note/note-store.ts";
import { createEmitter, type Emitter } from "./emitter.ts";
import type { NotehubDevice, NotehubOptions } from "./options.ts";
import { inTransaction, openDatabase } from "./store/database.ts";
import {
  type Environment,
  type EnvironmentStore,
  effectiveEnvironment,
  openEnvironmentStore,
} from "./store/environment-store.ts";
import { type EventStore, openEventStore } from "./store/event-store.ts";
import { openSettingStore, type SettingStore } from "./store/setting-store.ts";

/** A device as Notehub holds it, with the flash of its Notecard, which a restart of the stack must not forget either. */
export type HubDevice = NotehubDevice & {
  /** Notes that wait for the Notecard, and Notehub's side of database notefiles. */
  queued: NoteStore;
  /** Notes on the Notecard. */
  flash: NoteStore;
  settings: SettingStore;
  environment: () => Environment;
  /** Told the name of a notefile with a new Note for the device, and `undefined` when variables changed. */
  changes: Emitter<string | undefined>;
  /** Each takes a signal, or returns false for a device that is not connected. */
  signals: Set<(body: JsonObject) => boolean>;
};

/** What the API and the sessions of devices have in common. */
export type Hub = {
  readonly options: NotehubOptions;
  devices: ReadonlyMap<string, HubDevice>;
  fleets: ReadonlySet<string>;
  events: EventStore;
  environment: EnvironmentStore;
  transaction: <T>(work: () => T) => T;
  /** Epoch seconds, with a fraction. */
  now: () => number;
  close: () => void;
};

/** @throws if the file cannot be opened as a SQLite database. */
export function openHub(options: NotehubOptions): Hub {
  const database = openDatabase(options.file);
  const environment = openEnvironmentStore(database);
  const now = options.now ?? Date.now;
  const device = (known: NotehubDevice): HubDevice => ({
    ...known,
    queued: openNoteStore(database, known.deviceUid, "notehub"),
    flash: openNoteStore(database, known.deviceUid, "notecard"),
    settings: openSettingStore(database, known.deviceUid),
    environment: () =>
      effectiveEnvironment(
        known.fleetUids.map((fleet) => environment.get(fleet)),
        environment.get(known.deviceUid),
      ),
    changes: createEmitter(),
    signals: new Set(),
  });
  return {
    options,
    devices: new Map(options.devices.map((known) => [known.deviceUid, device(known)])),
    fleets: new Set(options.devices.flatMap(({ fleetUids }) => fleetUids)),
    events: openEventStore(database),
    environment,
    transaction: (work) => inTransaction(database, work),
    now: () => now() / 1000,
    close: () => database.close(),
  };
}
