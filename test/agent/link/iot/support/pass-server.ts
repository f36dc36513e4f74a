import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { errorBody, RequestError } from "../../../../../protocol/errors.ts";
import { isSigned, parseSignedLink, signLink } from "../../../../../protocol/signed-link.ts";
import { type Served, sendServed, serve } from "../../../support/fake-server.ts";

/** What meets requests in place of the answer, or changes it; undefined for none. */
export type Meddler = (request: { target: string; range: string | undefined }) => Meddling | undefined;
export type Meddling =
  | "hang-up"
  | "silence"
  | "close-after"
  | "ignore-range"
  | "no-content-range"
  | "drip"
  | "drip-head"
  | { cutAfter: number }
  | { status: number; headers?: Record<string, string>; body?: string };

export const SECRET = "link-secret-of-tests";
export const signPass = (uid: string) => signLink({ for: uid }, SECRET);

/** A file-server that goes by passes, as the real one does [NF-12.7], counts, and can be meddled with. */
export async function startPassServer(tls: { key: string; cert: string }, port = 0) {
  const files = new Map<string, Buffer>();
  const counts = { requests: 0, connections: 0, fileBytes: 0, targets: [] as string[] };
  const sockets = new Set<TLSSocket>();
  let meddler: Meddler = () => undefined;
  const server = createServer(tls, (request, response) => {
    const { url: target = "", headers, method = "" } = request;
    const { range } = headers;
    counts.requests += 1;
    counts.targets.push(target);
    const meddling = meddler({ target, range });
    if (meddling === "silence") return;
    if (meddling === "hang-up") return void response.destroy();
    if (meddling === "drip-head") return void dripHead(response);
    if (typeof meddling === "object" && "status" in meddling)
      return void response.writeHead(meddling.status, meddling.headers).end(meddling.body);
    const [rawPath = "", rawQuery = ""] = target.split("?");
    const link = parseSignedLink({ method, rawPath, rawQuery, headers: {} });
    const mayPass = link !== undefined && isSigned(link, { current: SECRET, previous: "" });
    const served = mayPass
      ? serve(files, target, meddling === "ignore-range" ? undefined : range)
      : refused();
    if ("raw" in served) counts.fileBytes += served.raw.length;
    if (meddling === "close-after") response.shouldKeepAlive = false;
    if ("raw" in served && meddling === "ignore-range" && !target.includes("offset="))
      return void response.writeHead(200, { "content-length": served.raw.length }).end(served.raw);
    if ("raw" in served && meddling === "no-content-range")
      return void response.writeHead(206, { "content-length": served.raw.length }).end(served.raw);
    if ("raw" in served && (typeof meddling === "object" || meddling === "drip")) {
      const { raw, first, total } = served;
      const head = { "content-range": `bytes ${first}-${first + raw.length - 1}/${total}` };
      response.writeHead(206, { ...head, "content-length": raw.length });
      if (meddling === "drip") return void drip(response, (at) => response.write(raw.subarray(at, at + 1)));
      return void response.write(raw.subarray(0, meddling.cutAfter), () => response.destroy());
    }
    sendServed(served, response);
  });
  server.on("secureConnection", (socket) => {
    counts.connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const its = (server.address() as AddressInfo).port;
  return {
    ...{ files, counts, port: its, url: `https://localhost:${its}` },
    meddle(by: Meddler) {
      meddler = by;
    },
    /** Ends what is connected, without a word. */
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type PassServer = Awaited<ReturnType<typeof startPassServer>>;

/** A byte now and then, for as long as somebody reads. */
function drip(response: ServerResponse, send: (count: number) => void): void {
  let count = 0;
  const timer = setInterval(() => send(count++), 20);
  response.on("close", () => clearInterval(timer));
}

function dripHead(response: ServerResponse): void {
  response.socket?.write("HTTP/1.1 206 Partial Content\r\nx: ");
  drip(response, () => response.socket?.write("x"));
}

function refused(): Served {
  const error = new RequestError("unauthorized", "who are you?");
  return { status: error.status, json: errorBody(error), bytes: 0 };
}
