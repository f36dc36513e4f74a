import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createAwsSender, readAtMost } from "../../../../functions/file-server/aws/aws-sender.ts";

const SCOPE = {
  credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" },
  region: "eu-west-1",
  service: "s3",
};

/** A server that counts its connections. */
async function startServer(port = 0): Promise<{ server: Server; origin: URL; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((_request, response) => response.end("served"));
  server.on("connection", (socket) => sockets.push(socket));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port: bound } = server.address() as AddressInfo;
  return { server, origin: new URL(`http://127.0.0.1:${bound}`), sockets };
}

async function served(send: ReturnType<typeof createAwsSender>): Promise<string> {
  const request = { method: "GET", path: "/f", headers: {}, signal: AbortSignal.timeout(5000) } as const;
  return (await readAtMost(await send(request), 100)).toString();
}

test("the first request goes over the connection that was opened before it", async () => {
  const { origin, sockets } = await startServer();
  const send = createAwsSender(origin, SCOPE, true);
  await expect.poll(() => sockets).toHaveLength(1);
  expect(await served(send)).toBe("served");
  expect(await served(send)).toBe("served");
  expect(sockets).toHaveLength(1);
});

test("one that the other end closed or reset meanwhile costs nobody a request", async () => {
  for (const end of ["end", "resetAndDestroy"] as const) {
    const { origin, sockets } = await startServer();
    const send = createAwsSender(origin, SCOPE, true);
    await expect.poll(() => sockets).toHaveLength(1);
    sockets[0]?.[end]();
    expect(await served(send)).toBe("served");
    expect(sockets).toHaveLength(2);
  }
});

test("a service that is not there at the start is nobody's error, and is found later", async () => {
  const { server, origin } = await startServer();
  server.close();
  await once(server, "close");
  const send = createAwsSender(origin, SCOPE, true);
  await expect(served(send)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await startServer(Number(origin.port));
  expect(await served(send)).toBe("served");
});
