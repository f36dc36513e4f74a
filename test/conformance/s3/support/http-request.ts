import http from "node:http";
import https from "node:https";
import { buffer } from "node:stream/consumers";

export type HttpReply = { status: number; headers: http.IncomingHttpHeaders; body: Buffer };

export type HttpOptions = {
  method?: string;
  headers?: http.OutgoingHttpHeaders;
  body?: Buffer | string;
  /** PEM, for HTTPS. */
  ca?: string | undefined;
  agent?: http.Agent;
};

/** A request without an SDK, as a browser or a device sends it. */
export async function httpRequest(url: string, options: HttpOptions = {}): Promise<HttpReply> {
  const { body, ...settings } = options;
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const send = url.startsWith("https:") ? https.request : http.request;
  send(url, settings, resolve).on("error", reject).end(body);
  const reply = await promise;
  return { status: reply.statusCode ?? 0, headers: reply.headers, body: await buffer(reply) };
}
