import type { SyncState } from "../connection.ts";
import { defineRequest, flag } from "../request.ts";

export const hubStatus = defineRequest({}, (_fields, { connection }) => ({
  json: connection.connected()
    ? { status: "connected (session open) {connected}", connected: true }
    : { status: "disconnected {disconnected}" },
}));

/** Starts a sync, both ways unless told one. Ignored in mode `off`. */
export const hubSync = defineRequest({ in: flag, out: flag, allow: flag }, (fields, { connection }) => {
  const both = fields.in === fields.out;
  connection.sync(
    { ...(both || fields.in ? { inbound: true } : {}), ...(both || fields.out ? { outbound: true } : {}) },
    true,
  );
  return { json: {} };
});

export const hubSyncStatus = defineRequest({ sync: flag }, (fields, { connection, flash, now }) => {
  const unsent = flash.sync.waiting().notes.length > 0;
  if (fields.sync && unsent) connection.sync({ outbound: true }, true);
  const state = connection.state();
  const { completed, requested, failed } = state;
  return {
    json: {
      status: statusText(state),
      mode: connection.connected() ? "{modem-on}" : "{modem-off}",
      ...(completed === undefined ? {} : { time: completed, completed: now() - completed }),
      requested: requested === undefined ? undefined : now() - requested,
      ...(unsent || completed === undefined ? { sync: true } : {}),
      ...(failed ? { alert: true } : {}),
    },
  };
});

function statusText({ running, completed, failed }: SyncState): string {
  if (running) return "starting communications {sync-begin}";
  if (failed) return "sync failed {sync-error}";
  return completed === undefined ? "idle {idle}" : "completed {sync-end}";
}
