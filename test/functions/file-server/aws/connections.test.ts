import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { createAwsSender, readAtMost } from "../../../../functions/file-server/aws/aws-sender.ts";
import { createConnections } from "../../../../functions/file-server/aws/connections.ts";
import { loadLocalTls } from "../../../../local/host/tls/local-ca.ts";

const SCOPE = { credentials: { accessKeyId: "AKID", secretAccessKey: "s" }, region: "r", service: "s3" };
const answer: RequestListener = (_request, response) => response.end("ok");

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server, what it saw, and a sender to it whose connections are at a time that can be set. */
async function setUp({
  server = createServer(),
  respond = answer,
  scheme = "http",
  host = "127.0.0.1",
} = {}) {
  const seen = { connections: [] as Socket[], requests: 0 };
  server.on("connection", (socket) => seen.connections.push(socket));
  server.on("request", (request, response) => {
    seen.requests += 1;
    respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  const origin = new URL(`${scheme}://${host}:${port}`);
  const clock = { now: 0 };
  const connections = createConnections(origin, () => clock.now);
  const send = createAwsSender(origin, connections, SCOPE);
  const get = async () => {
    const response = await send({ method: "GET", path: "/", headers: {}, signal: AbortSignal.timeout(5000) });
    await readAtMost(response, 100); // to its end, which frees the connection
    return response.statusCode;
  };
  const opened = (count = 1) => vi.waitFor(() => expect(seen.connections).toHaveLength(count));
  return { seen, clock, connections, get, opened };
}

test("a connection that was opened carries the next request, and those after it", async () => {
  const { seen, connections, get, opened } = await setUp();
  connections.open();
  await opened();
  expect(seen.requests).toBe(0);
  expect([await get(), await get()]).toEqual([200, 200]);
  expect([seen.connections.length, seen.requests]).toEqual([1, 2]);
});

test("so does one that is still being opened, for one request alone", async () => {
  const { seen, connections, get } = await setUp();
  connections.open();
  expect(await Promise.all([get(), get(), get()])).toEqual([200, 200, 200]);
  expect(seen.connections).toHaveLength(3);
});

test("one that the server has closed is replaced", async () => {
  const { seen, connections, get, opened } = await setUp();
  connections.open();
  await opened();
  const { promise, resolve } = Promise.withResolvers<void>();
  seen.connections[0]?.once("close", () => resolve()).destroy();
  await promise;
  expect(await get()).toBe(200);
  expect([seen.connections.length, seen.requests]).toEqual([2, 1]);
});

test("one that turns out to be dead is replaced once a request has met it, and a new one is not", async () => {
  const { seen, connections, get, opened } = await setUp({
    respond: (request, response) => (seen.requests === 2 ? response.end() : request.socket.destroy()),
  });
  connections.open();
  await opened();
  expect(await get()).toBe(200);
  expect([seen.connections.length, seen.requests]).toEqual([2, 2]);
  const other = await setUp({ respond: (request) => request.socket.destroy() });
  await expect(other.get()).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(other.seen.requests).toBe(1);
});

test("one that was opened long ago is not trusted: the environment may have been frozen", async () => {
  const { seen, clock, connections, get, opened } = await setUp();
  connections.open();
  await opened();
  clock.now = 4001;
  expect(await get()).toBe(200);
  expect(seen.connections).toHaveLength(2);
  await vi.waitFor(() => expect(seen.connections[0]?.destroyed).toBe(true));
});

test("where nobody listens, opening hurts nobody, and the request says so", async () => {
  const { connections, get } = await setUp();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  connections.open();
  await sleep(50); // until the refusal is here, which would end the process
  await expect(get()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  connections.open();
  await expect(get()).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("over TLS it asks for the server by its name, and believes none but the right one", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-connections-"));
  const { ca, cert, key } = await loadLocalTls(folder);
  await rm(folder, { recursive: true });
  const names: unknown[] = [];
  const server = createTlsServer({ cert, key }).on("secureConnection", ({ servername }) => {
    names.push(servername);
  });
  const { connections, get, seen, opened } = await setUp({ server, scheme: "https", host: "localhost" });
  connections.open();
  await opened();
  await expect(get()).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  expect(seen.requests).toBe(0);
  const trusted = tls.getCACertificates();
  tls.setDefaultCACertificates([...trusted, ca]);
  onTestFinished(() => tls.setDefaultCACertificates(trusted));
  names.length = 0;
  seen.connections.length = 0;
  connections.open();
  expect([await get(), seen.connections.length, names]).toEqual([200, 1, ["localhost"]]);
});
