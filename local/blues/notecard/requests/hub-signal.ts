import { defineRequest, integer } from "../request.ts";

/** The oldest signal; without one the reply has no body. It never waits, whatever `seconds` says. */
export const hubSignal = defineRequest({ seconds: integer }, (_fields, { signals, connection }) => {
  const body = signals.shift();
  return {
    json: {
      body,
      ...(connection.connected() ? { connected: true } : {}),
      ...(signals.length === 0 ? {} : { signals: signals.length }),
    },
  };
});
