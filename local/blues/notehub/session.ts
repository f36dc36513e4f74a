import type { JsonObject } from "../note/json-object.ts";
import { noteBytes } from "../note/note.ts";
import type { SyncEnd } from "../note/sync-end.ts";
import type { Hub, HubDevice } from "./hub.ts";
import type { WebRequest, WebResult } from "./proxy/web-request.ts";
import type { Environment } from "./variables.ts";

/** Notehub as a Notecard reaches it: the far end of the link. */
export type NotehubSession = {
  readonly deviceUid: string;
  readonly productUid: string;
  /** Notehub's end of a sync; what it takes becomes events. */
  sync: SyncEnd;
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
  const { deviceUid, sync } = device;
  const { observe, productUid } = hub.options;
  return {
    ...{ deviceUid, productUid },
    sync: {
      ...sync,
      take(origin, notes) {
        const taken = sync.take(origin, notes);
        hub.sessions.touch(deviceUid, taken.length, hub.now());
        for (const { notefile, body } of taken) observe?.({ kind: "event", deviceUid, notefile, body });
        return taken;
      },
    },
    environment: device.environment,
    async webRequest(request) {
      hub.sessions.touch(deviceUid, 0, hub.now());
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
  return reply.payload?.length ?? noteBytes({ body: reply.body });
}
