import type { Agent } from "node:https";
import { rootCertificates } from "node:tls";
import { type JsonObject, parseJsonObject } from "../../note/json-object.ts";
import type { ProxyRoute } from "../options.ts";
import { type Exchange, type Incoming, ReplyTimeout, ReplyTooBig } from "./exchange.ts";
import { createFragments, type Fragment } from "./fragments.ts";
import { rangeOf, unfit } from "./target.ts";

/** A web request as the Notecard hands it to Notehub. `seconds` is 90 unless given. */
export type WebRequest = {
  route: string;
  method: string;
  name: string;
  body?: JsonObject | undefined;
  payload?: Buffer | undefined;
  /** Media type of what is expected, and of what is sent; `application/json` unless given. */
  content?: string | undefined;
  offset?: number | undefined;
  max?: number | undefined;
  seconds?: number | undefined;
  /** The reply goes to the Notecard's binary buffer, which holds more than the 8192 bytes of a reply in JSON. */
  binary?: boolean | undefined;
  /** Most bytes of reply that the host wants. */
  maxReplyBytes?: number | undefined;
  /** The payload is part of a larger one, which is sent once it is whole. */
  fragment?: Fragment | undefined;
};

/** What a web request came to. `total` is the size of the whole object, where the server's `Content-Range` tells it. */
export type WebResult =
  | { err: string }
  | { result: number; body?: JsonObject; payload?: Buffer; total?: number | undefined };

/** "The maximum response size from the service is 8192 bytes": notecard-schema, `web.get` response. */
const REPLY_MAX_BYTES = 8192;

/** No more than this of a binary reply is read; a Notecard's buffer is far smaller. */
const BINARY_MAX_BYTES = 4 * 1024 * 1024;

const DEFAULT_SECONDS = 90;

/** Makes web requests through the proxy routes of a project. */
export function createProxy(routes: () => ProxyRoute[], agent: Agent, localCa: string, exchange: Exchange) {
  const ca = [...rootCertificates, localCa];
  const fragments = createFragments();
  return async (request: WebRequest, deviceUid: string): Promise<WebResult> => {
    if (request.fragment === undefined) return send(request, deviceUid);
    const key = JSON.stringify([deviceUid, request.route, request.name]);
    const payload = fragments.add(key, request.fragment, request.payload ?? Buffer.alloc(0));
    // 100 tells the host to send the next fragment.
    if (payload === undefined) return { result: 100 };
    return "err" in payload ? payload : send({ ...request, payload }, deviceUid);
  };

  async function send(request: WebRequest, deviceUid: string): Promise<WebResult> {
    const reason = unfit(request);
    if (reason !== undefined) return { err: reason };
    const route = routes().find(({ alias }) => alias === request.route);
    if (route === undefined) return { err: `no proxy route with alias ${request.route} {route-config}` };
    const limit = request.binary === true ? BINARY_MAX_BYTES : REPLY_MAX_BYTES;
    const maxBytes = Math.min(limit, request.maxReplyBytes ?? limit);
    const seconds = Math.min(request.seconds ?? DEFAULT_SECONDS, route.timeoutSeconds);
    try {
      const incoming = await exchange(
        {
          deviceUid,
          routeUrl: route.url,
          name: request.name,
          method: request.method,
          headers: { ...headersOf(request), ...route.headers },
          body: request.payload ?? (request.body && Buffer.from(JSON.stringify(request.body))),
          timeoutMs: seconds * 1000,
          maxBytes,
        },
        agent,
        ca,
      );
      return resultOf(request, incoming);
    } catch (error) {
      if (error instanceof ReplyTooBig)
        return { err: `reply of the route is over ${maxBytes} bytes {too-big}` };
      if (error instanceof ReplyTimeout)
        return { err: `no reply of the route in ${seconds} seconds {route-timeout}` };
      const code = error instanceof Error && "code" in error ? error.code : "";
      return { err: `the route's server is out of reach: ${code} {host-unreachable}` };
    }
  }
}

function headersOf({ body, payload, content, offset, max }: WebRequest): Record<string, string> {
  const range = rangeOf(offset, max);
  const sends = body !== undefined || payload !== undefined;
  return {
    ...(sends ? { "content-type": content ?? "application/json" } : {}),
    // A fragment of an upload has an offset too, but ranges are for reading.
    ...(range === undefined || payload !== undefined ? {} : { range }),
  };
}

/** The request decides between JSON and payload, whatever type the server says it sends. */
function resultOf(request: WebRequest, { status, contentRange, body }: Incoming): WebResult {
  const size = /\/(\d+)$/.exec(contentRange ?? "")?.[1];
  const reply = { result: status, total: size === undefined ? undefined : Number(size) };
  if (body.length === 0) return reply;
  const mediaType = (request.content ?? "application/json").split(";")[0]?.trim().toLowerCase();
  if (request.binary === true || mediaType !== "application/json") return { ...reply, payload: body };
  const json = parseJsonObject(body.toString());
  if (json === undefined) return { err: `reply ${status} of the route is no JSON object {not-json}` };
  return { ...reply, body: json };
}
