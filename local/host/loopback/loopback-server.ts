import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { ANY_PROTOCOL } from "./any-protocol.ts";
import { cutConnections } from "./cut-connections.ts";
import { createLateListener } from "./late-listener.ts";
import { listenOnLoopback, type Port } from "./listen-on-loopback.ts";

/** Longer than a client's pause between two requests: one that reuses a connection should not find it closed. */
const KEEP_ALIVE_MS = 65_000;

/**
 * An HTTP server that has its port before it is known what it serves: the template says where the services are, and
 * what they do depends on the template.
 */
export type LoopbackServer = {
  readonly port: number;
  /** Origin, without a trailing slash. */
  readonly url: string;
  /** Answers requests with this listener, beginning with those that wait for it. */
  serve(listener: RequestListener): void;
  /** Cuts the connections and gives the port back; may be called again. */
  close(): Promise<void>;
  /** Listens on the same port again after `close`, unless somebody else has taken it. */
  reopen(): Promise<void>;
};

/** Speaks HTTPS with `tls`, plain HTTP without. @throws {PortTaken} */
export async function startLoopbackServer(
  options: { tls?: { key: string; cert: string } | undefined; port?: Port | undefined } = {},
): Promise<LoopbackServer> {
  const { tls, port = 0 } = options;
  const { listener: onRequest, serve } = createLateListener();
  const settings = { keepAliveTimeout: KEEP_ALIVE_MS };
  const server =
    tls === undefined
      ? createHttpServer(settings, onRequest)
      : createHttpsServer({ ...settings, ...ANY_PROTOCOL, key: tls.key, cert: tls.cert }, onRequest);
  const cut = cutConnections(server);
  const bound = await listenOnLoopback(server, port);
  return {
    port: bound,
    url: `${tls === undefined ? "http" : "https"}://localhost:${bound}`,
    serve,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
    async reopen() {
      if (!server.listening) await listenOnLoopback(server, bound);
    },
  };
}
