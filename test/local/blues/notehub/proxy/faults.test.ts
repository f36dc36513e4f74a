import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { RouteFault } from "../../../../../local/blues/notehub/proxy/faults.ts";
import type { WebRequest } from "../../../../../local/blues/notehub/proxy/web-request.ts";
import { DEVICE, type HubUnderTest, hubUnderTest, testTls } from "../support/hub-under-test.ts";
import { startUpstream } from "../support/upstream.ts";

const RAW = "application/octet-stream";

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let hub: HubUnderTest;
beforeAll(async () => {
  upstream = await startUpstream(await testTls(), (_seen, response) => void response.end('{"real":true}'));
  const route = { alias: "files", url: upstream.url, headers: {}, timeoutSeconds: 10 };
  hub = await hubUnderTest({ routes: [route] });
});
beforeEach(() => {
  hub.hub.routeFaults.clear();
  upstream.seen.length = 0;
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const ask = (request: Partial<WebRequest> = {}) =>
  hub.hub.session(DEVICE).webRequest({ route: "files", method: "GET", name: "/", ...request });
const REAL = { result: 200, body: { real: true } };

test.each<[RouteFault, Partial<WebRequest>, unknown]>([
  [{ kind: "status", status: 503 }, {}, { result: 503 }],
  [{ kind: "status", status: 404, body: '{"err":"x"}' }, {}, { result: 404, body: { err: "x" } }],
  [{ kind: "status", status: 200, body: "abc" }, { content: RAW }, { payload: Buffer.from("abc") }],
  [
    { kind: "status", status: 200, body: "a".repeat(8193) },
    {},
    { err: expect.stringContaining("{too-big}") },
  ],
  [{ kind: "html" }, {}, { err: "reply 200 of the route is no JSON object {not-json}" }],
  [{ kind: "html" }, { content: RAW }, { result: 200, payload: expect.any(Buffer) }],
  [{ kind: "cut" }, {}, { err: expect.stringContaining("ECONNRESET {host-unreachable}") }],
  [
    { kind: "delay", milliseconds: 5000 },
    { seconds: 0.05 },
    { err: expect.stringContaining("{route-timeout}") },
  ],
])("%j is what the device gets, without a request to the server", async (fault, request, result) => {
  hub.hub.routeFaults.set(fault, { calls: 1 });
  expect(await ask(request)).toMatchObject(result as object);
  expect(upstream.seen).toEqual([]);
  expect(await ask()).toMatchObject(REAL);
});

test("a short delay only delays", async () => {
  hub.hub.routeFaults.set({ kind: "delay", milliseconds: 60 }, {});
  const started = performance.now();
  expect(await ask()).toMatchObject(REAL);
  expect(performance.now() - started).toBeGreaterThanOrEqual(55);
});

test("a fault meets the method that it names, until it is cleared", async () => {
  hub.hub.routeFaults.set({ kind: "cut" }, { method: "POST" });
  expect(await ask()).toMatchObject(REAL);
  expect(await ask({ method: "POST" })).toHaveProperty("err");
  hub.hub.routeFaults.clear();
  expect(await ask({ method: "POST" })).toMatchObject(REAL);
});
