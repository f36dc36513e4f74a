import http, { type Agent, type ClientRequest, type ClientRequestArgs, type RequestOptions } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { urlToHttpOptions } from "node:url";

/** Connections to one origin, kept open between invocations. */
export type Connections = {
  request(options: RequestOptions): ClientRequest;
  /** Connects for the next request, if that comes soon. Whether it worked, the request finds out. */
  open(): void;
  /** Whether a request went over a connection that was open before, and that AWS may have closed meanwhile. */
  wasOpen(request: ClientRequest): boolean;
};

/** S3 closes what is idle for a few seconds, and the environment may have been frozen since. */
const OPEN_MAX_MS = 4000;

/** @param now milliseconds */
export function createConnections(origin: URL, now: () => number): Connections {
  const isPlain = origin.protocol === "http:";
  const client = isPlain ? http : https;
  const agent: Agent = new client.Agent({ keepAlive: true });
  const connect = agent.createConnection.bind(agent);
  const opened = new WeakSet<Duplex>();
  let next: { connection: Duplex; openedAt: number } | undefined;

  agent.createConnection = (options, callback) => {
    const ready = next;
    next = undefined;
    if (ready === undefined || ready.connection.destroyed) return connect(options, callback);
    if (now() - ready.openedAt <= OPEN_MAX_MS) return ready.connection;
    ready.connection.destroy();
    return connect(options, callback);
  };

  return {
    request: (options) => client.request(origin, { ...options, agent }),
    open() {
      const { hostname: host, port = isPlain ? 80 : 443 } = urlToHttpOptions(origin);
      const servername = isIP(host ?? "") === 0 ? host : undefined;
      // As the agent would; without the server's name S3 would not know which certificate to show.
      const options = { host, port, servername, keepAlive: true, noDelay: true };
      const connection = connect(options as ClientRequestArgs);
      if (!connection) return;
      connection.on("error", () => {}); // nobody waits for it yet
      opened.add(connection);
      next = { connection, openedAt: now() };
    },
    wasOpen: ({ reusedSocket, socket }) => reusedSocket || (socket !== null && opened.has(socket)),
  };
}
