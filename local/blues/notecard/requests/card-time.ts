import { defineRequest } from "../request.ts";

/** The time is Notehub's: there is none before the first sync. */
export const cardTime = defineRequest({}, (_fields, { connection, now }) => {
  const synced = connection.state().completed !== undefined;
  return { json: { ...(synced ? { time: now() } : {}), zone: "UTC,Unknown" } };
});
