import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, type RequestOptions, request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { serveFunctionUrl } from "../../../../local/aws/lambda/function-url.ts";
import { startLoopbackServer } from "../../../../local/host/loopback/loopback-server.ts";
import { loadLocalTls } from "../../../../local/host/tls/local-ca.ts";
import { localFunction } from "./support/bundle.ts";

type Reply = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** As they are spelt on the wire. */
  headerNames: string[];
  body: Buffer;
  socket: number;
};

async function localUrl(
  source: string,
  options: { timeoutSeconds?: number; maxConcurrency?: number; throttleAfterMs?: number } = {},
) {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-url-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const tls = await loadLocalTls(dir);
  const target = await localFunction(source, options);
  const url = await startLoopbackServer({ tls });
  serveFunctionUrl({ server: url, target, ...options });
  const agent = new Agent({ ca: tls.ca, keepAlive: true });
  onTestFinished(async () => {
    agent.destroy();
    await url.close();
  });
  const call = (target_: string, init: RequestOptions & { body?: string | Buffer } = {}) =>
    new Promise<Reply>((resolve, reject) => {
      const { body, ...rest } = init;
      const outgoing = request(url.url, { agent, path: target_, ...rest }, async (response) => {
        const { statusCode: status = 0, headers } = response;
        const socket = response.socket.localPort ?? 0; // the response lets go of its socket at its end
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const headerNames = response.rawHeaders.filter((_, index) => index % 2 === 0);
        resolve({ status, headers, headerNames, body: Buffer.concat(chunks), socket });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  return { url, call, target, ca: tls.ca };
}

const ECHO = "export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });";

test("a request becomes an event as it came, and the reply has its length", async () => {
  const { call, url } = await localUrl(ECHO);
  const reply = await call("/files/a%2Fb%20c+d/../e?file=%C3%A9+x&file=2", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Twice": ["a", "b"], Range: "bytes=0-1" },
    body: '{"k":"é"}',
  });
  expect(reply.headers).toMatchObject({ "content-length": String(reply.body.length) });
  expect(reply.headers).not.toHaveProperty("transfer-encoding");
  expect(JSON.parse(reply.body.toString())).toMatchObject({
    rawPath: "/files/a%2Fb%20c+d/../e",
    rawQueryString: "file=%C3%A9+x&file=2",
    headers: { host: `localhost:${url.port}`, "x-twice": "a,b", range: "bytes=0-1" },
    requestContext: { http: { method: "POST" } },
    body: '{"k":"é"}',
    isBase64Encoded: false,
  });
});

test("bytes go through both ways, 4 MiB of them too", async () => {
  const { call } = await localUrl(
    `export const handler = async (event) => ({ statusCode: 206, headers: { "content-type": "application/octet-stream" },
       body: event.body, isBase64Encoded: event.isBase64Encoded });`,
  );
  const body = Buffer.alloc(4 * 1024 * 1024, Buffer.from([0, 255, 10, 13, 128, 7]));
  const reply = await call("/", { method: "POST", body });
  expect(reply.status).toBe(206);
  expect(reply.headers["content-length"]).toBe(String(body.length));
  expect(reply.body.equals(body)).toBe(true);
});

test("[NF-5.8] header names are spelt on the wire as the function spells them, and Lambda's own as usual", async () => {
  const { call } = await localUrl(
    `export const handler = async () => ({ statusCode: 206, body: "x", headers: { "Content-Range": "bytes 0-0/9",
       "Accept-Ranges": "bytes", ETag: '"e"', "x-mine": "1", "content-length": "7" } });`,
  );
  const { headerNames } = await call("/");
  expect(headerNames.sort()).toEqual(
    ["Accept-Ranges", "Connection", "Content-Length", "Content-Range", "Content-Type", "Date", "ETag"].concat(
      ["Keep-Alive", "x-amzn-RequestId", "x-mine"],
    ),
  );
});

test("HEAD gets the headers alone, with the length of what the function returned", async () => {
  const { call } = await localUrl(
    "export const handler = async () => ({ statusCode: 200, headers: { 'content-length': '5000', etag: 'e' } });",
  );
  const reply = await call("/", { method: "HEAD" });
  expect(reply).toMatchObject({ status: 200, headers: { etag: "e", "content-length": "0" } });
  expect(reply.body).toHaveLength(0);
});

test.each([204, 304])("%i has neither body nor length", async (statusCode) => {
  const { call } = await localUrl(
    `export const handler = async () => ({ statusCode: ${statusCode}, body: "x" });`,
  );
  const reply = await call("/");
  expect(reply.status).toBe(statusCode);
  expect(reply.headers).not.toHaveProperty("content-length");
  expect(reply.body).toHaveLength(0);
});

test.each([
  ["throws", "throw new Error('secret detail')"],
  ["exits", "process.exit(1)"],
  ["hangs", "for (;;)"],
  ["returns a bad reply", "return { statusCode: 'x' }"],
  ["returns too much", "return 'x'.repeat(6300000)"],
])("a function that %s is 502, and says nothing of why", async (_, body) => {
  const { call } = await localUrl(`export const handler = async () => { ${body}; };`, {
    timeoutSeconds: 1,
  });
  const reply = await call("/");
  expect(reply.status).toBe(502);
  expect(reply.body.toString()).toBe('{"Message":"Internal Server Error"}');
});

test("a request above 6 MB is 413 and does not reach the function", async () => {
  const { call, target } = await localUrl(ECHO);
  expect((await call("/", { method: "POST", body: Buffer.alloc(7_000_000) })).status).toBe(413);
  // As base64 it exceeds the limit of the event.
  expect((await call("/", { method: "POST", body: Buffer.alloc(4_800_000) })).status).toBe(413);
  expect(target.environments()).toEqual([]);
});

test("requests beyond the concurrency wait, and are throttled when they wait too long", async () => {
  const { call } = await localUrl(
    `export const handler = async ({ rawPath }) => {
       if (rawPath === "/slow") await new Promise((done) => setTimeout(done, 3000));
       return "done"; };`,
    { maxConcurrency: 1, throttleAfterMs: 1000 },
  );
  await call("/");
  const slow = call("/slow");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await call("/")).status).toBe(429);
  expect((await slow).status).toBe(200);
  const both = await Promise.all([call("/"), call("/")]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
});

test("one connection serves more than a hundred requests", async () => {
  const { call } = await localUrl(ECHO);
  const sockets = new Set<number>();
  for (let n = 0; n < 120; n += 1) sockets.add((await call(`/?n=${n}`)).socket);
  expect(sockets.size).toBe(1);
});

test("hostile bytes end their own connection only", async () => {
  const { call, url, ca } = await localUrl(ECHO);
  const plain = connect(url.port, "127.0.0.1").on("error", () => {});
  plain.end("GET / HTTP/1.1\r\n\r\n");
  await once(plain, "close");
  const requests = [
    "GET http://evil/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "NONSENSE\r\n\r\n",
    `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ];
  for (const bytes of requests) {
    const socket = connectTls({ port: url.port, host: "localhost", ca }).on("error", () => {});
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.write(bytes);
    await once(socket, "close");
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  }
  expect((await call("/")).status).toBe(200);
});

test("a client that goes away harms nobody", async () => {
  const { call, target } = await localUrl(
    "export const handler = async () => { await new Promise((done) => setTimeout(done, 300)); return 'done'; };",
    { maxConcurrency: 1 },
  );
  await expect(call("/", { signal: AbortSignal.timeout(150) })).rejects.toThrow();
  expect((await call("/")).status).toBe(200);
  expect(target.environments()).toHaveLength(1);
});
