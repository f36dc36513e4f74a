import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import * as v from "valibot";
import { listenOnLoopback } from "../../host/loopback/listen-on-loopback.ts";
import { readAtMost } from "../../host/loopback/read-at-most.ts";
import { type InvokeResult, MAX_REPLY_BYTES } from "./invoke-result.ts";

/** What the runtime inside an environment tells. */
export type RuntimeEvents = {
  /** It asks for an invocation: it is loaded and idle. */
  onNext(): void;
  onInitError(result: InvokeResult): void;
  onReply(requestId: string, result: InvokeResult): void;
};

export type Invocation = {
  requestId: string;
  functionArn: string;
  /** Epoch milliseconds. */
  deadline: number;
  /** JSON. */
  event: string;
};

export type RuntimeApi = {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  address: string;
  /** The first segment of every path: events carry bearer tokens, and any user of the machine reaches a loopback port. */
  secret: string;
  /** Hands an invocation to a runtime that has asked for one. */
  deliver(invocation: Invocation): void;
  close(): void;
};

const PREFIX = "/2018-06-01/runtime";
const POSTED = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;
const SECRET_BYTES = 24;

/** `errorType` is missing where the handler threw something that is no Error. */
const RuntimeError = v.object({
  errorType: v.optional(v.string(), "Error"),
  errorMessage: v.optional(v.string(), ""),
  trace: v.optional(v.array(v.string())),
});

/**
 * The Lambda Runtime API for one execution environment.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startRuntimeApi(events: RuntimeEvents): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined;
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const path = pathBehind(secret, request.url ?? "");
    // A browser may be led here by a name that resolves to loopback: it sends that name.
    if (path === undefined || request.headers.host !== address || request.headers.origin !== undefined) {
      request.resume();
      return answer(response, 403);
    }
    if (request.method === "GET" && path === `${PREFIX}/invocation/next`) {
      waiting = response;
      events.onNext();
      return;
    }
    if (request.method !== "POST") return answer(response, 404);
    // Read to its end, however long: otherwise the runtime would see a broken pipe.
    readAtMost(MAX_REPLY_BYTES, request).then((bytes) => {
      const body = bytes?.toString();
      const [, id, kind] = POSTED.exec(path) ?? [];
      answer(response, id !== undefined || path === `${PREFIX}/init/error` ? 202 : 404);
      if (path === `${PREFIX}/init/error`) events.onInitError(readError(body));
      else if (id !== undefined) events.onReply(id, kind === "error" ? readError(body) : readReply(body));
    }, response.destroy.bind(response));
  });
  const address = `127.0.0.1:${await listenOnLoopback(server, 0)}`;
  return {
    ...{ address, secret },
    deliver: (invocation) => {
      waiting?.writeHead(200, invocationHeaders(invocation)).end(invocation.event);
      waiting = undefined;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The rest of a path that begins with the secret. */
function pathBehind(secret: string, url: string): string | undefined {
  const start = Buffer.from(url).subarray(1, 1 + secret.length);
  const known = start.length === secret.length && timingSafeEqual(start, Buffer.from(secret));
  return known ? url.slice(1 + secret.length) : undefined;
}

function invocationHeaders(invocation: Invocation): Record<string, string> {
  const started = Math.floor(Date.now() / 1000).toString(16);
  const trace = invocation.requestId.replaceAll("-", "").slice(0, 24);
  return {
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": invocation.requestId,
    "Lambda-Runtime-Deadline-Ms": String(invocation.deadline),
    "Lambda-Runtime-Invoked-Function-Arn": invocation.functionArn,
    "Lambda-Runtime-Trace-Id": `Root=1-${started}-${trace};Sampled=0`,
  };
}

function readReply(body: string | undefined): InvokeResult {
  if (body === undefined) {
    return functionError(
      "Function.ResponseSizeTooLarge",
      `Response payload size exceeded maximum allowed payload size (${MAX_REPLY_BYTES} bytes).`,
    );
  }
  try {
    return { kind: "ok", payload: JSON.parse(body) };
  } catch {
    return functionError("Runtime.InvalidResponse", "The runtime's reply is not JSON.");
  }
}

function readError(body: string | undefined): InvokeResult {
  try {
    const { errorType, errorMessage, trace } = v.parse(RuntimeError, JSON.parse(body ?? ""));
    return functionError(errorType, errorMessage, trace);
  } catch {
    return functionError("Runtime.InvalidResponse", "The runtime's error is not JSON.");
  }
}

function functionError(errorType: string, errorMessage: string, stack?: string[]): InvokeResult {
  return { kind: "function-error", errorType, errorMessage, stack };
}

function answer(response: ServerResponse, status: number): void {
  const body = status === 202 ? '{"status":"OK"}' : "{}";
  response.writeHead(status, { "Content-Type": "application/json" }).end(body);
}
