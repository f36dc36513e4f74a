import { createFileServer } from "./main.ts";

const server = createFileServer(process.env);
server.warmUp(); // while the first event is on its way

/** The Lambda's entry: function URL event in, reply out. */
export const handler = server.handler;
