import { defineRequest } from "../request.ts";

/** What is in flash stays: Notes and `hub.set`. The binary buffer, ATTN and the answer to a retry are gone. */
export const cardRestart = defineRequest({}, () => ({ json: {}, restart: true }));
