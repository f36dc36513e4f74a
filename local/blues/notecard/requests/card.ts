import { defineRequest } from "../request.ts";

/** Flash keeps the Notes and `hub.set`. The binary buffer, ATTN and the answer to a retry are gone. */
export const cardRestart = defineRequest({}, () => ({ json: {}, restart: true }));

export const cardStatus = defineRequest({}, (_fields, { connection, hub, started }) => {
  const { inbound, outbound } = hub.read();
  const connected = connection.connected();
  const synced = connection.state().completed !== undefined;
  return {
    json: {
      status: "{normal}",
      usb: true,
      storage: 1,
      time: started,
      cell: true,
      ...(connected ? { connected } : {}),
      ...(synced ? { sync: true } : {}),
      ...{ inbound, outbound },
    },
  };
});

/** The time is Notehub's: there is none before the first sync. */
export const cardTime = defineRequest({}, (_fields, { connection, now }) => {
  const synced = connection.state().completed !== undefined;
  return { json: { ...(synced ? { time: now() } : {}), zone: "UTC,Unknown" } };
});

const VERSION = { major: 9, minor: 1, patch: 1, build: 17400 };

/** Says that it is a stand-in, in the form of firmware 9.1.1, whose API it follows. */
export const cardVersion = defineRequest({}, (_fields, { session }) => {
  const { major, minor, patch, build } = VERSION;
  const version = `notecard-${major}.${minor}.${patch}.${build}`;
  return {
    json: {
      version,
      device: session.deviceUid,
      name: "Noteferry Notecard stand-in",
      sku: "NOTE-STAND-IN",
      board: "0.0",
      cell: true,
      body: {
        org: "Noteferry",
        product: "Notecard stand-in",
        target: "tcp",
        version,
        ver_major: major,
        ver_minor: minor,
        ver_patch: patch,
        ver_build: build,
        built: "Jan  1 2026 00:00:00",
      },
    },
  };
});
