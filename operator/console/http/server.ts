import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { UnderWay } from "../under-way.ts";
import { type Exchange, type Handler, problemOf, sendJson } from "./exchange.ts";
import { refusalOf } from "./guard.ts";
import { SAFE_HEADERS } from "./headers.ts";

/** A file of the page. */
export type PageFile = { type: string; content: string | Uint8Array };

export type ConsoleServing = {
  isOpen(token: string): boolean;
  /** By `GET /api/…`; those in `unguarded` ask for no token. */
  handlers: Readonly<Record<string, Handler>>;
  unguarded: ReadonlySet<string>;
  /** By path; any other path is the page, whose own it is to know it. */
  pageFiles(): Promise<ReadonlyMap<string, PageFile>>;
  onFault(error: unknown): void;
  /** Told of each request. */
  underWay: Pick<UnderWay, "add">;
};

/**
 * Listens on 127.0.0.1.
 *
 * @param port 0: any that is free; a preferred one gives way if it is taken
 * @throws {OperatorError} `usage` for a port that is taken.
 */
export async function startConsoleServer(port: number | { preferred: number }, serving: ConsoleServing) {
  const ending = new AbortController();
  // A large upload takes longer than the five minutes that Node gives a request.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, (request, response) => {
    serving.underWay.add(answer(request, response).catch((error: unknown) => fail(response, error)));
  });
  const listen = async (wanted: number) => {
    server.listen(wanted, "127.0.0.1");
    await once(server, "listening");
  };
  if (typeof port === "number") {
    await listen(port).catch((cause: unknown) => {
      throw new OperatorError("usage", `port ${port} cannot be had: ${String(cause)}`, { cause });
    });
  } else await listen(port.preferred).catch(() => listen(0));
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", headers } = request;
    const url = URL.parse(request.url ?? "/", "http://127.0.0.1");
    if (url === null) return refuse(request, response, 400, "that is no address");
    const isApi = url.pathname.startsWith("/api/");
    const name = `${method} ${url.pathname}`;
    const isOpen = (token: string) => serving.isOpen(token);
    const refusal = refusalOf({ method, isApi, headers }, bound, isOpen);
    const isLetIn = refusal === undefined || (refusal.status === 401 && serving.unguarded.has(name));
    if (!isLetIn) return refuse(request, response, refusal.status, refusal.problem);
    if (!isApi) return await sendPage(request, response, url.pathname);
    const handler = serving.handlers[name];
    if (handler === undefined) return refuse(request, response, 404, "the console has no such answer");
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const exchange: Exchange = {
      ...{ request, response, query: url.searchParams },
      signal: AbortSignal.any([gone.signal, ending.signal]),
    };
    try {
      await handler(exchange);
    } catch (error) {
      if (gone.signal.aborted) return; // nobody hears it
      const { status, ...problem } = problemOf(error);
      if (status === 500) serving.onFault(error);
      if (response.headersSent) response.end();
      else sendJson(response, problem, status);
    }
  }

  async function sendPage(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD")
      return refuse(request, response, 405, "the page is read, and nothing else");
    const files = await serving.pageFiles();
    const file = files.get(path) ?? files.get("/");
    if (file === undefined) throw new Error("the page has no beginning");
    response.writeHead(200, { ...SAFE_HEADERS, "content-type": file.type });
    response.end(request.method === "HEAD" ? undefined : file.content);
  }

  function refuse(request: IncomingMessage, response: ServerResponse, status: number, problem: string): void {
    request.resume();
    sendJson(response, { problem }, status);
  }

  function fail(response: ServerResponse, error: unknown): void {
    serving.onFault(error);
    if (response.headersSent) response.destroy();
    else sendJson(response, { problem: problemOf(error).problem }, 500);
  }

  return {
    port: bound,
    async close(): Promise<void> {
      ending.abort();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
