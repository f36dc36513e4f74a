import type { IncomingMessage, Server, ServerResponse } from "node:http";

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
  /** Cuts the connections, and waits until what they had begun is over. */
  close(): Promise<void>;
};

const SETTINGS = {
  requestTimeout: 0, // an upload may be as slow as its link
  keepAliveTimeout: 60_000, // a client that uses a connection again should not meet its end
};

/** Listens on the loopback interface. */
export async function startHttpServer(
  handler: Handler,
  options: { port: number; tls: { key: string; cert: string } | undefined; report: (fault: unknown) => void },
): Promise<HttpServer> {
  const { tls, report } = options;
  const server =
    tls === undefined ? http.createServer(SETTINGS) : https.createServer({ ...SETTINGS, ...tls });
  const underWay = new Set<Promise<void>>();

  function handle(incoming: IncomingMessage, response: ServerResponse, sendContinue?: () => void): void {
    const handling = handler(incoming, response, sendContinue)
      .catch(report)
      .finally(() => underWay.delete(handling));
    underWay.add(handling);
  }

  server.on("request", (incoming, response) => handle(incoming, response));
  server.on("checkContinue", (incoming, response) => {
    handle(incoming, response, () => response.writeContinue());
  });
  server.on("clientError", (_error, socket) => {
    if (!socket.writable) socket.destroy();
    else socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  return {
    port: await listen(server, options.port),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.all(underWay);
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return address.port;
}
