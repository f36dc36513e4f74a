import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

/** What a server behind a proxy route saw. */
export type Seen = { method: string; target: string; headers: IncomingMessage["headers"]; body: Buffer };

/** An HTTPS server behind a proxy route. */
export type Upstream = {
  url: string;
  seen: Seen[];
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts an HTTPS server that answers as `respond` does. */
export async function startUpstream(
  tls: { key: string; cert: string },
  respond: (seen: Seen, response: ServerResponse) => void,
): Promise<Upstream> {
  const seen: Seen[] = [];
  const server = createServer(tls, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url: target = "", headers } = request;
    const one = { method, target, headers, body: Buffer.concat(chunks) };
    seen.push(one);
    respond(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
