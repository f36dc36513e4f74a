import type { IncomingMessage, ServerResponse } from "node:http";
import { ANY_PROTOCOL } from "../../../host/loopback/any-protocol.ts";
import { cutConnections } from "../../../host/loopback/cut-connections.ts";
import { listenOnLoopback, type Port } from "../../../host/loopback/listen-on-loopback.ts";
import { S3Error } from "../s3-error.ts";
import { errorReply } from "./error-reply.ts";
import { newRequestId } from "./s3-request.ts";

// An import would read every export, and one of them loads an HTTP client that nobody needs: 40 ms and 15 MB.
const http = process.getBuiltinModule("node:http");
const https = process.getBuiltinModule("node:https");

export type Handler = (
  incoming: IncomingMessage,
  response: ServerResponse,
  /** Tells a client that waits for it to send its body. */
  sendContinue: (() => void) | undefined,
) => Promise<void>;

export type HttpServer = {
  port: number;
  /** Cuts the connections, and waits until the requests under way have ended. */
  close(): Promise<void>;
};

/** How long a client may take. */
export type Patience = {
  /** For the head of a request. */
  headMs: number;
  /** Without a byte either way, in the middle of a request. */
  silenceMs: number;
};

const PATIENCE: Patience = { headMs: 60_000, silenceMs: 300_000 };
const KEEP_ALIVE_MS = 60_000; // a client that reuses a connection should not find it closed

/** Listens on the loopback interface. */
export async function startHttpServer(
  handler: Handler,
  options: {
    port: Port;
    tls: { key: string; cert: string } | undefined;
    report: (fault: unknown) => void;
    patience?: Patience;
  },
): Promise<HttpServer> {
  const { tls, report, patience = PATIENCE } = options;
  const settings = {
    requestTimeout: 0, // an upload may be as slow as its link
    headersTimeout: patience.headMs, // which requestTimeout would switch off
    connectionsCheckingInterval: patience.headMs / 2,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server =
    tls === undefined
      ? http.createServer(settings)
      : https.createServer({ ...settings, ...ANY_PROTOCOL, ...tls });
  server.timeout = patience.silenceMs;
  const cut = cutConnections(server);
  const underWay = new Set<Promise<void>>();

  const replies = new WeakMap<object, ServerResponse>();

  function handle(incoming: IncomingMessage, response: ServerResponse, sendContinue?: () => void): void {
    replies.set(incoming.socket, response);
    const handling = handler(incoming, response, sendContinue)
      .catch(report)
      .finally(() => underWay.delete(handling));
    underWay.add(handling);
  }

  server.on("request", (incoming, response) => handle(incoming, response));
  server.on("checkContinue", (incoming, response) => {
    handle(incoming, response, () => response.writeContinue());
  });
  // Without a listener, Node cuts the connection of a client that takes this for a proxy.
  server.on("connect", (_, socket) => socket.end(refusal(new S3Error("MethodNotAllowed"))));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const reply = replies.get(socket);
    const inReply = reply?.headersSent === true && !reply.writableFinished;
    // In the middle of a body, another reply would be taken for a part of it.
    if (socket.writable && !inReply) socket.end(refusal(unreadable(error.code)));
    else socket.destroy();
  });
  return {
    port: await listenOnLoopback(server, options.port),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
      await Promise.all(underWay);
    },
  };
}

/** The reply to a request whose head could not be read, or that is none for a server; it ends the connection. */
function refusal(error: S3Error): string {
  const { body = "" } = errorReply(error, newRequestId(), "");
  const status = `${error.status} ${http.STATUS_CODES[error.status]}`;
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/xml`;
  return `${head}\r\nContent-Length: ${Buffer.byteLength(String(body))}\r\n\r\n${body}`;
}

function unreadable(code: string | undefined): S3Error {
  if (code === "HPE_HEADER_OVERFLOW") return new S3Error("RequestHeaderSectionTooLarge");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new S3Error("RequestTimeout");
  return new S3Error("BadRequest", "An error occurred when parsing the HTTP request.");
}
