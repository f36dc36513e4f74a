import { randomUUID } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { listenOnLoopback } from "../../host/loopback/listen-on-loopback.ts";
import { readAtMost } from "../../host/loopback/read-at-most.ts";
import type { LocalFunction } from "./function.ts";
import { toHttpEvent, type UrlIdentity, type WireRequest } from "./http-event.ts";
import { toWireReply, type WireReply } from "./http-reply.ts";
import { MAX_EVENT_BYTES } from "./invoke-result.ts";

/** Longer than a client's pause between two chunks. */
const KEEP_ALIVE_MS = 65_000;
/** A request waits this long for an environment before it is throttled. */
const THROTTLE_AFTER_MS = 5000;

const TOO_LARGE = lambdaError(413, { Message: "Request Too Long" });
const THROTTLED = lambdaError(429, {
  Reason: "ConcurrentInvocationLimitExceeded",
  message: "Rate Exceeded.",
});
const FAILED = lambdaError(502, { Message: "Internal Server Error" });
const BAD_TARGET = lambdaError(400, { Message: "Bad Request" });

export type FunctionUrl = {
  /** Origin, without a trailing slash. */
  url: string;
  port: number;
  close(): Promise<void>;
};

/**
 * A function URL without IAM authentication: HTTP to events of payload format 2.0 and back, buffered, with Lambda's
 * own replies to what goes wrong. Over plain HTTP only without `tls`.
 */
export async function startFunctionUrl(options: {
  target: LocalFunction;
  tls?: { key: string; cert: string };
  port?: number;
  urlId?: string;
  accountId?: string;
  throttleAfterMs?: number;
}): Promise<FunctionUrl> {
  const identity: UrlIdentity = {
    urlId: options.urlId ?? "local",
    accountId: options.accountId ?? "anonymous",
  };
  const throttleAfterMs = options.throttleAfterMs ?? THROTTLE_AFTER_MS;
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, options.target, identity, throttleAfterMs)
      .catch(() => FAILED)
      .then((reply) => send(request, response, reply))
      .catch(() => response.destroy());
  };
  const server =
    options.tls === undefined
      ? createHttpServer({ keepAliveTimeout: KEEP_ALIVE_MS }, serve)
      : createHttpsServer({ ...options.tls, keepAliveTimeout: KEEP_ALIVE_MS }, serve);
  const port = await listenOnLoopback(server, options.port ?? 0);
  return {
    url: `${options.tls === undefined ? "http" : "https"}://localhost:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  target: LocalFunction,
  identity: UrlIdentity,
  throttleAfterMs: number,
): Promise<WireReply> {
  const body = await readAtMost(MAX_EVENT_BYTES, request);
  if (body === undefined) return TOO_LARGE;
  const wire: WireRequest = {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    httpVersion: request.httpVersion,
    rawHeaders: request.rawHeaders,
    body,
    sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
  };
  if (!wire.target.startsWith("/")) return BAD_TARGET;
  const event = toHttpEvent(wire, identity, randomUUID(), new Date());
  if (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES) return TOO_LARGE;
  const patience = AbortSignal.timeout(throttleAfterMs);
  try {
    const result = await target.invoke(event, patience);
    return (result.kind === "ok" ? toWireReply(result.payload) : undefined) ?? FAILED;
  } catch (error) {
    return error === patience.reason ? THROTTLED : FAILED;
  }
}

function send(request: IncomingMessage, response: ServerResponse, reply: WireReply): void {
  const bodiless = reply.status === 204 || reply.status === 304;
  response.statusCode = reply.status;
  for (const [name, value] of reply.headers) response.appendHeader(name, value);
  response.setHeader("x-amzn-RequestId", randomUUID());
  // The length of what the function returned, for HEAD too: Lambda knows no other.
  if (!bodiless) response.setHeader("Content-Length", reply.body.length);
  if (bodiless || request.method === "HEAD") response.end();
  else response.end(reply.body);
}

function lambdaError(status: number, body: Record<string, string>): WireReply {
  return {
    status,
    headers: [["Content-Type", "application/json"]],
    body: Buffer.from(JSON.stringify(body)),
  };
}
