import { defineRequest, flag, text } from "../request.ts";

/** notecard-schema, `hub.log` request. */
const HEALTH_NOTEFILE = "_health_host.qo";

/** Tells Notehub something about the host's health, as a Note of its own kind. */
export const hubLog = defineRequest({ text, alert: flag, sync: flag }, (fields, card) => {
  const body = { text: fields.text ?? "", ...(fields.alert ? { alert: true } : {}) };
  card.flash.notes.put(HEALTH_NOTEFILE, { body }, { time: card.now(), unsent: true });
  if (fields.sync) card.connection.sync({ outbound: true }, true);
  return { json: {} };
});
