import { openDatabase } from "../note/database.ts";
import type { JsonObject } from "../note/json-object.ts";
import { notefileKind } from "../note/note.ts";
import { type NoteStore, openNoteStore } from "../note/note-store.ts";
import { openSyncEnd, type SyncEnd } from "../note/sync-end.ts";
import { createEmitter, type Emitter } from "./emitter.ts";
import type { NotehubOptions } from "./options.ts";
import { type EnvironmentStore, openEnvironmentStore } from "./store/environment-store.ts";
import { type EventStore, type HubEvent, openEventStore } from "./store/event-store.ts";
import { type FleetStore, openFleetStore } from "./store/fleet-store.ts";
import { openRouteLogStore, type RouteLogStore } from "./store/route-log-store.ts";
import { openRouteStore, type RouteStore } from "./store/route-store.ts";
import { openSessionStore, type SessionStore } from "./store/session-store.ts";
import { type Environment, effectiveEnvironment } from "./variables.ts";

/** A device as Notehub holds it. */
export type HubDevice = {
  deviceUid: string;
  /** The fleets that it is in now. */
  fleetUids: () => string[];
  /** Notes that wait for the Notecard, and Notehub's side of database notefiles. */
  queued: NoteStore;
  sync: SyncEnd;
  environment: () => Environment;
  /** Emits the name of a notefile that has a new Note for the device, or `undefined` when variables have changed. */
  changes: Emitter<string | undefined>;
  /** Each takes a signal, or returns false for a device that is not connected. */
  signals: Set<(body: JsonObject) => boolean>;
};

/** What the API and the sessions of devices have in common. */
export type Hub = {
  readonly options: NotehubOptions;
  devices: ReadonlyMap<string, HubDevice>;
  fleets: FleetStore;
  sessions: SessionStore;
  routes: RouteStore;
  routeLogs: RouteLogStore;
  /** Emits each event, once it is stored. */
  arrivals: Emitter<HubEvent>;
  events: EventStore;
  environment: EnvironmentStore;
  /** Epoch seconds, with a fraction. */
  now: () => number;
  close: () => void;
};

/** @throws if the file cannot be opened as a SQLite database. */
export function openHub(options: NotehubOptions): Hub {
  const database = openDatabase(options.file);
  const environment = openEnvironmentStore(database);
  const now = options.now ?? Date.now;
  const events = openEventStore(database);
  const arrivals = createEmitter<HubEvent>();
  const fleets = openFleetStore(database, options.devices);
  const device = (deviceUid: string): HubDevice => {
    const fleetUids = () => fleets.of(deviceUid);
    const queued = openNoteStore(database, deviceUid, "notehub");
    const sync = openSyncEnd(database, deviceUid, queued, (note) => {
      arrivals.emit(events.add(deviceUid, note.notefile, note, now() / 1000));
      if (notefileKind(note.notefile) === "database") {
        queued.put(note.notefile, note, { time: note.time, name: note.id });
      }
    });
    return {
      deviceUid,
      fleetUids,
      queued,
      sync,
      environment: () =>
        effectiveEnvironment(
          [options.projectUid, ...fleetUids(), deviceUid].map((owner) => environment.get(owner)),
        ),
      changes: createEmitter(),
      signals: new Set(),
    };
  };
  return {
    options,
    devices: new Map(options.devices.map(({ deviceUid }) => [deviceUid, device(deviceUid)])),
    fleets,
    sessions: openSessionStore(database),
    routes: openRouteStore(database, options.routes),
    routeLogs: openRouteLogStore(database),
    arrivals,
    events,
    environment,
    now: () => now() / 1000,
    close: () => database.close(),
  };
}
