import { defineRequest } from "../request.ts";

export const hubStatus = defineRequest({}, (_fields, { connection }) => ({
  json: connection.connected()
    ? { status: "connected (session open) {connected}", connected: true }
    : { status: "disconnected {disconnected}" },
}));
