import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export type Exchange = { method: string; url: URL; headers: IncomingMessage["headers"]; body: string };
/** `truncate` breaks the connection after the body, however much was promised. */
export type Reply = {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  truncate?: boolean;
};

/** `hang` keeps the connection and never answers, `drop` closes it. */
export type Answer = Reply | "hang" | "drop";

/** An HTTP server on a free port of the loopback. */
export async function startServer(
  answer: (exchange: Exchange, response: ServerResponse) => Promise<Answer | undefined> | Answer | undefined,
): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { method = "", url = "", headers } = request;
    const exchange = {
      method,
      url: new URL(url, "http://localhost"),
      headers,
      body: Buffer.concat(parts).toString(),
    };
    const reply = await answer(exchange, response);
    if (reply === undefined || reply === "hang") return; // undefined: it answered by itself
    if (reply === "drop") {
      request.socket.destroy();
      return;
    }
    const length = method === "HEAD" ? {} : { "content-length": Buffer.byteLength(reply.body ?? "") };
    response.writeHead(reply.status, { ...length, ...reply.headers });
    if (reply.truncate === true) response.write(reply.body, () => response.destroy());
    else if (
      Number(reply.headers?.["content-length"] ?? 0) > Buffer.byteLength(reply.body ?? "") &&
      method !== "HEAD"
    )
      response.write(reply.body);
    else response.end(method === "HEAD" ? undefined : reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
