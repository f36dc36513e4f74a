import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { LoopbackServer } from "../../host/loopback/loopback-server.ts";
import { readAtMost } from "../../host/loopback/read-at-most.ts";
import type { LocalFunction } from "./function.ts";
import { toHttpEvent, type UrlIdentity, type WireRequest } from "./http-event.ts";
import { toWireReply, type WireReply } from "./http-reply.ts";
import { MAX_EVENT_BYTES } from "./invoke-result.ts";

/** A request waits this long for an environment before it is throttled. */
const THROTTLE_AFTER_MS = 5000;

const TOO_LARGE = lambdaError(413, { Message: "Request Too Long" });
const THROTTLED = lambdaError(429, {
  Reason: "ConcurrentInvocationLimitExceeded",
  message: "Rate Exceeded.",
});
const FAILED = lambdaError(502, { Message: "Internal Server Error" });
const BAD_TARGET = lambdaError(400, { Message: "Bad Request" });

/**
 * A function URL without IAM authentication: HTTP to events of payload format 2.0 and back, buffered, with Lambda's
 * own replies to what goes wrong.
 */
export function serveFunctionUrl(options: {
  server: LoopbackServer;
  target: Pick<LocalFunction, "invoke">;
  urlId?: string;
  accountId?: string;
  throttleAfterMs?: number;
}): void {
  const identity: UrlIdentity = {
    urlId: options.urlId ?? "local",
    accountId: options.accountId ?? "anonymous",
  };
  const throttleAfterMs = options.throttleAfterMs ?? THROTTLE_AFTER_MS;
  options.server.serve((request, response) => {
    answer(request, options.target, identity, throttleAfterMs)
      .catch(() => FAILED)
      .then((reply) => send(request, response, reply))
      .catch(() => response.destroy());
  });
}

async function answer(
  request: IncomingMessage,
  target: Pick<LocalFunction, "invoke">,
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
  // As the function spells them. [NF-5.8] What AWS's own URL makes of the spelling is not documented.
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
