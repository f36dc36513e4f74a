import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { listenOnLoopback } from "../../../../local/host/loopback/listen-on-loopback.ts";
import { startLoopbackServer } from "../../../../local/host/loopback/loopback-server.ts";
import { loadLocalTls } from "../../../../local/host/tls/local-ca.ts";

async function ask(port: number): Promise<string> {
  const reply = await fetch(`http://127.0.0.1:${port}/`);
  return await reply.text();
}

async function started(port: number | { preferred: number }) {
  const server = await startLoopbackServer({ port });
  onTestFinished(() => server.close());
  return server;
}

/** A port that a server holds. */
async function takenPort(): Promise<number> {
  const server = createServer();
  onTestFinished(() => new Promise((closed) => void server.close(() => closed())));
  return listenOnLoopback(server, 0);
}

test("servers that start at once on one preferred port all get one of their own, and keep it", async () => {
  const free = await started(0);
  await free.close();
  const servers = await Promise.all(Array.from({ length: 50 }, () => started({ preferred: free.port })));
  for (const [index, server] of servers.entries()) {
    server.serve((_, response) => void response.end(String(index)));
  }
  const ports = servers.map(({ port }) => port);
  expect(new Set(ports).size).toBe(50);
  expect(ports).toContain(free.port);
  expect(await Promise.all(ports.map(ask))).toEqual(servers.map((_, index) => String(index)));
});

test("a port that is asked for is that port or an error", async () => {
  await expect(startLoopbackServer({ port: await takenPort() })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});

test("a request waits until it is known what is served", async () => {
  const server = await started(0);
  let answered = false;
  const reply = ask(server.port).finally(() => {
    answered = true;
  });
  await connected(server.port);
  expect(answered).toBe(false);
  server.serve((_, response) => void response.end("now"));
  expect(await reply).toBe("now");
});

test("a request that nothing is ever served to ends with the server", async () => {
  const server = await started(0);
  const reply = ask(server.port);
  await connected(server.port);
  await Promise.all([expect(reply).rejects.toThrow("fetch failed"), server.close()]);
  await server.close();
  await expect(ask(server.port)).rejects.toThrow("fetch failed");
  await server.reopen();
  server.serve((_, response) => void response.end("again"));
  expect(await ask(server.port)).toBe("again");
});

test("a connection in the middle of its handshake does not keep the server", async () => {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-loopback-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const tls = await loadLocalTls(dir);
  const { port, close } = await startLoopbackServer({ tls });
  const silent = connect(port, "127.0.0.1").on("error", () => undefined);
  await once(silent, "connect");
  const later = connectTls({ port, host: "localhost", ca: tls.ca }).on("error", () => undefined);
  await once(later, "secureConnect"); // so the server has accepted the one before, too
  await Promise.all([once(silent, "close"), once(later, "close"), close()]);
});

/** Resolves when the server has accepted a connection, and so the ones that were there before. */
function connected(port: number): Promise<void> {
  return new Promise((resolve) => {
    const probe = request({ port, host: "127.0.0.1", path: "/" });
    probe
      .on("error", () => undefined)
      .on("socket", (socket) => {
        socket.once("connect", () => {
          probe.destroy();
          resolve();
        });
      });
    probe.end();
  });
}
