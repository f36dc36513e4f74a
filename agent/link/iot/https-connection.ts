import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { openTls } from "./open-tls.ts";
import type { Wire } from "./wire.ts";

/** Milliseconds without a byte, after which a request is given up: a half-open connection tells nothing. */
const SILENCE_MS = 60_000;

/** Milliseconds that one reply may take: who sends a byte now and then is never silent. What has come by then is kept, and the rest asked for anew. */
const REPLY_MS = 15 * 60_000;

/** Milliseconds that a connection is kept without a request: a server ends one sooner or later, and of a host's that slept nobody tells. */
const IDLE_MS = 20_000;

/** What came for a request; the body is valid until the next request. `isWhole`: to its end, and not more than was let in. */
export type HttpReply = { status: number; headers: IncomingHttpHeaders; body: Buffer; isWhole: boolean };

/** One connection to one server, opened when it is asked for and used until it ends. */
export type HttpsConnection = {
  /** Opens it unless it is open. @throws the error of the connection, or the signal's reason */
  connect(origin: string, signal: AbortSignal): Promise<void>;
  /**
   * @param maxBytes of the body; where more come the connection is ended
   * @throws the error of the connection, or the signal's reason
   */
  get(
    origin: string,
    path: string,
    headers: Record<string, string>,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<HttpReply>;
  close(): void;
};

/** The connection ended before a byte of the reply had come. */
export class NoReply extends Error {
  override name = "NoReply" as const;
}

export function createHttpsConnection(
  { Agent, connect: connectTls, request }: Pick<Wire, "Agent" | "connect" | "request">,
  ca: Buffer | undefined,
  replyMs = REPLY_MS,
): HttpsConnection {
  let open: { origin: string; socket: Socket; hasServed: boolean } | undefined;
  let kept = Buffer.alloc(0);
  let session: Buffer | undefined;
  let idle: NodeJS.Timeout | undefined;
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
  agent.createConnection = () => {
    if (open === undefined) throw new TypeError("nothing is asked for without a connection");
    return open.socket;
  };

  /** One for all replies: a new one for each would leave megabytes to be collected. */
  function bufferOf(bytes: number): Buffer {
    if (bytes > kept.length) kept = Buffer.allocUnsafeSlow(bytes);
    return kept.subarray(0, bytes);
  }

  function drop(): void {
    open?.socket.destroy();
    open = undefined;
  }

  async function connect(origin: string, signal: AbortSignal): Promise<void> {
    if (open?.origin === origin && open.socket.writable && !open.socket.destroyed) return;
    drop();
    const { protocol, hostname, port } = new URL(origin);
    if (protocol !== "https:") throw Object.assign(new Error("not HTTPS"), { code: "ERR_TLS_NOT_ASKED_FOR" });
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const socket = await openTls(
      connectTls,
      { host, port: Number(port || 443), ca, session, ALPNProtocols: ["http/1.1"] },
      signal,
    );
    // The next handshake is a third of the bytes.
    socket.on("session", (next) => {
      session = next;
    });
    socket.once("close", () => {
      if (open?.socket === socket) open = undefined;
    });
    open = { origin, socket, hasServed: false };
  }

  async function getOnce(
    origin: string,
    path: string,
    headers: Record<string, string>,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<HttpReply> {
    const { host, hostname } = new URL(origin);
    const sent = request({ agent, host: hostname, path, headers: { Host: host, ...headers } });
    const stop = () => sent.destroy(Object(signal.reason));
    signal.addEventListener("abort", stop, { once: true });
    const giveUp = () => sent.destroy(Object.assign(new Error("no reply in time"), { code: "ETIMEDOUT" }));
    sent.setTimeout(SILENCE_MS, giveUp);
    const tooLong = setTimeout(giveUp, replyMs);
    try {
      return await readReply(sent, await responseOf(sent), maxBytes, bufferOf);
    } finally {
      clearTimeout(tooLong);
      signal.removeEventListener("abort", stop);
    }
  }

  return {
    connect,
    async get(origin, path, headers, maxBytes, signal) {
      clearTimeout(idle);
      try {
        for (;;) {
          await connect(origin, signal);
          const its = open;
          const isReused = its?.hasServed === true;
          try {
            const reply = await getOnce(origin, path, headers, maxBytes, signal);
            if (its !== undefined) its.hasServed = true;
            if (!reply.isWhole) drop();
            return reply;
          } catch (error) {
            signal.throwIfAborted();
            drop();
            // A server may end a connection at the very moment that it is used again: that is no failure yet.
            if (!(error instanceof NoReply && isReused && isCut(error))) throw error;
          }
        }
      } finally {
        idle = setTimeout(drop, IDLE_MS).unref();
      }
    },
    close() {
      clearTimeout(idle);
      drop();
      agent.destroy();
    },
  };
}

function isCut({ cause }: NoReply): boolean {
  return ["ECONNRESET", "EPIPE"].includes(String(Object(cause).code));
}

async function responseOf(sent: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.on("error", (cause) => reject(new NoReply(cause.message, { cause })));
  sent.once("response", resolve);
  sent.end();
  return promise;
}

/** What came of a body before its connection ended is not thrown away. */
async function readReply(
  sent: ClientRequest,
  response: IncomingMessage,
  maxBytes: number,
  bufferOf: (bytes: number) => Buffer,
): Promise<HttpReply> {
  const { headers, statusCode: status = 0 } = response;
  const body = bufferOf(Math.min(maxBytes, Number(headers["content-length"] ?? maxBytes) || 0));
  let length = 0;
  let isWhole = true;
  try {
    for await (const piece of response) {
      const copied = piece.copy(body, length);
      length += copied;
      isWhole = copied === piece.length;
      release(piece);
      if (!isWhole) {
        sent.destroy();
        break;
      }
    }
  } catch {
    isWhole = false;
  }
  return { status, headers, body: body.subarray(0, length), isWhole };
}

/** Gives a buffer's memory back at once: the collector of garbage sees small objects, and would let megabytes behind them gather. */
function release({ buffer, byteLength }: Buffer): void {
  const isItsOwn = buffer.byteLength === byteLength;
  if (isItsOwn && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
