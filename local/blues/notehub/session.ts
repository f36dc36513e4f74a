import type { JsonObject } from "../note/json-object.ts";
import { noteBytes, notefileKind } from "../note/note.ts";
import type { NoteStore, StoredNote } from "../note/note-store.ts";
import type { Hub, HubDevice } from "./hub.ts";
import type { WebRequest, WebResult } from "./proxy/web-request.ts";
import type { Environment } from "./store/environment-store.ts";
import type { SettingStore } from "./store/setting-store.ts";

/** The Notes that wait to cross the link, and their bytes: those measured are those moved. */
export type Waiting = { notes: StoredNote[]; bytes: number };

/** What a Notecard has with its Notehub: the far end of the link, and its own flash. */
export type NotehubSession = {
  readonly deviceUid: string;
  readonly productUid: string;
  /** Notes on the Notecard; `put` with `unsent` queues one for Notehub. */
  flash: NoteStore;
  settings: SettingStore;
  inbound: {
    waiting(): Waiting;
    /** Moves Notes that waited at Notehub to the flash, all or nothing; the notefiles that changed. */
    receive(notes: StoredNote[]): string[];
  };
  outbound: {
    waiting(): Waiting;
    /** Moves Notes that waited in the flash to Notehub's events, all or nothing. */
    send(notes: StoredNote[]): void;
  };
  /** The variables as the device should see them. */
  environment(): Environment;
  webRequest(request: WebRequest): Promise<WebResult>;
  /** Notehub's own notice that there is something to fetch: a notefile, or `undefined` for variables. */
  onInbound(listener: (notefile: string | undefined) => void): () => void;
  /** `deliver` takes a signal, or returns false while the device is not connected. */
  onSignal(deliver: (body: JsonObject) => boolean): () => void;
};

export function createSession(
  hub: Hub,
  device: HubDevice,
  webRequest: (request: WebRequest, deviceUid: string) => Promise<WebResult>,
): NotehubSession {
  const { deviceUid, queued, flash, settings } = device;
  const { observe, productUid } = hub.options;
  return {
    ...{ deviceUid, productUid, flash, settings },
    inbound: {
      waiting: () => waiting(queued.unsent()),
      receive: (notes) =>
        hub.transaction(() => {
          for (const note of notes) {
            if (notefileKind(note.notefile) === "inbound") {
              flash.take(note);
            } else {
              flash.put(note.notefile, note, { time: note.time, name: note.id });
              queued.markSent(note.seq);
            }
          }
          return [...new Set(notes.map(({ notefile }) => notefile))];
        }),
    },
    outbound: {
      waiting: () => waiting(flash.unsent()),
      send(notes) {
        hub.transaction(() => {
          for (const note of notes) {
            hub.events.add(deviceUid, note.notefile, note, hub.now());
            if (notefileKind(note.notefile) === "outbound") {
              flash.delete(note.notefile, note.id);
            } else {
              queued.put(note.notefile, note, { time: note.time, name: note.id });
              flash.markSent(note.seq);
            }
          }
        });
        for (const { notefile, body } of notes) observe?.({ kind: "event", deviceUid, notefile, body });
      },
    },
    environment: device.environment,
    async webRequest(request) {
      const reply = await webRequest(request, deviceUid);
      const { route, name } = request;
      const result = "err" in reply ? reply.err : reply.result;
      observe?.({ kind: "web", deviceUid, route, name, result, bytes: webResultBytes(reply) });
      return reply;
    },
    onInbound: (listener) => device.changes.listen(listener),
    onSignal(deliver) {
      device.signals.add(deliver);
      return () => void device.signals.delete(deliver);
    },
  };
}

/** Bytes of a web request's reply on the link: a payload travels in binary, JSON as text. */
export function webResultBytes(reply: WebResult): number {
  if ("err" in reply) return Buffer.byteLength(reply.err);
  return reply.payload?.length ?? noteBytes(reply.body === undefined ? {} : { body: reply.body });
}

function waiting(notes: StoredNote[]): Waiting {
  return { notes, bytes: notes.reduce((sum, note) => sum + noteBytes(note), 0) };
}
