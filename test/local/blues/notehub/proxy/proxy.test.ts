import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { WebRequest } from "../../../../../local/blues/notehub/proxy/web-request.ts";
import { DEVICE, hubUnderTest, testTls } from "../support/hub-under-test.ts";
import { type Seen, startUpstream } from "../support/upstream.ts";

/** A proxy route to a server that answers as `respond` does. */
async function route(respond: (seen: Seen, response: ServerResponse) => void, timeoutSeconds = 10) {
  const tls = await testTls();
  const upstream = await startUpstream(tls, respond);
  const headers = { authorization: "Bearer s3cret", "x-route": "1" };
  const routes = [
    { alias: "files", url: upstream.url, headers, timeoutSeconds },
    { alias: "gone", url: "https://localhost:1", headers, timeoutSeconds },
  ];
  const told: unknown[] = [];
  const test = await hubUnderTest({ routes, observe: (event) => told.push(event) });
  const session = test.hub.session(DEVICE);
  return {
    seen: upstream.seen,
    told,
    request: (request: Partial<WebRequest>) =>
      session.webRequest({ route: "files", method: "GET", name: "/", ...request }),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const json = (text: string) => (_seen: Seen, response: ServerResponse) => void response.end(text);
const RAW = "application/octet-stream";

describe("proxy route", () => {
  test("sends the route's headers and the target byte for byte", async () => {
    await using proxy = await route(json('{"a":1}'));
    expect(await proxy.request({ name: "/files/../%2e%2E/x%20y+z?file=a:b&chunk=1" })).toEqual({
      result: 200,
      body: { a: 1 },
    });
    expect(proxy.seen).toMatchObject([
      {
        method: "GET",
        target: "/files/../%2e%2E/x%20y+z?file=a:b&chunk=1",
        headers: { authorization: "Bearer s3cret", "x-route": "1" },
      },
    ]);
    expect(proxy.seen[0]?.headers).not.toHaveProperty("range");
    expect(proxy.seen[0]?.headers).not.toHaveProperty("accept-encoding");
    expect(JSON.stringify(proxy.told)).not.toContain("s3cret");
  });

  test("reads ranges, and tells the total that Content-Range has", async () => {
    const bytes = Buffer.from([0, 1, 2, 255]);
    await using proxy = await route((_seen, response) => {
      response.writeHead(206, {
        "content-range": "bytes 8192-8195/100003",
        "content-type": "application/json",
      });
      response.end(bytes);
    });
    expect(await proxy.request({ content: RAW, offset: 8192, max: 8192 })).toEqual({
      result: 206,
      payload: bytes,
      total: 100_003,
    });
    expect(proxy.seen[0]?.headers.range).toBe("bytes=8192-16383");
  });

  test("knows no total from an unsatisfied or unknown range", async () => {
    await using proxy = await route((_seen, response) => {
      response.writeHead(206, { "content-range": "bytes 0-0/*" }).end("x");
    });
    expect(await proxy.request({ content: RAW, max: 1 })).toEqual({ result: 206, payload: Buffer.from("x") });
  });

  test("passes a status on, and follows no redirect", async () => {
    await using proxy = await route((seen, response) => {
      if (seen.target === "/moved") response.writeHead(302, { location: "/" }).end("{}");
      else response.writeHead(404).end('{"err":"no file {file-not-found}"}');
    });
    expect(await proxy.request({})).toEqual({ result: 404, body: { err: "no file {file-not-found}" } });
    expect(await proxy.request({ name: "/moved" })).toEqual({ result: 302, body: {} });
    expect(proxy.seen).toHaveLength(2);
  });

  test("takes 8192 bytes and not one more, unless they go to the binary buffer", async () => {
    await using proxy = await route((seen, response) =>
      response.end(Buffer.alloc(Number(seen.target.slice(1)), 65)),
    );
    expect(await proxy.request({ name: "/8192", content: RAW })).toMatchObject({ result: 200 });
    expect(await proxy.request({ name: "/8193", content: RAW })).toEqual({
      err: expect.stringContaining("{too-big}"),
    });
    const binary = await proxy.request({ name: "/100000", content: RAW, binary: true });
    expect(binary).toMatchObject({ result: 200, payload: { length: 100_000 } });
  });

  test.each(["plain text", "[1]", '"a"', "null", "{"])(
    "refuses %s where JSON was asked for",
    async (text) => {
      await using proxy = await route(json(text));
      expect(await proxy.request({})).toEqual({ err: expect.stringContaining("{not-json}") });
      expect(await proxy.request({ content: "text/plain" })).toMatchObject({ payload: Buffer.from(text) });
    },
  );

  test("has neither body nor payload for an empty reply", async () => {
    await using proxy = await route((_seen, response) => response.writeHead(204).end());
    expect(await proxy.request({})).toEqual({ result: 204 });
    expect(await proxy.request({ method: "HEAD" })).toEqual({ result: 204 });
  });

  test("sends a body as JSON and a payload as what it is", async () => {
    await using proxy = await route(json("{}"));
    await proxy.request({ method: "POST", body: { a: 1 } });
    await proxy.request({ method: "PUT", payload: Buffer.from([1, 2]), content: RAW, offset: 0 });
    expect(proxy.seen).toMatchObject([
      { method: "POST", body: Buffer.from('{"a":1}'), headers: { "content-type": "application/json" } },
      { method: "PUT", body: Buffer.from([1, 2]), headers: { "content-type": RAW } },
    ]);
    expect(proxy.seen[1]?.headers).not.toHaveProperty("range");
  });

  test("puts fragments of an upload together, and passes the whole on once", async () => {
    await using proxy = await route(json('{"ok":true}'));
    const part = (offset: number, bytes: number[]) =>
      proxy.request({
        method: "POST",
        payload: Buffer.from(bytes),
        content: RAW,
        fragment: { offset, total: 5 },
        binary: false,
      });
    expect(await part(0, [1, 2])).toEqual({ result: 100 });
    expect(await part(3, [4, 5])).toEqual({ err: expect.stringContaining("{web-payload}") });
    expect(await part(2, [3])).toEqual({ result: 100 });
    expect(await part(3, [4, 5])).toMatchObject({ result: 200 });
    expect(proxy.seen.map(({ body }) => body)).toEqual([Buffer.from([1, 2, 3, 4, 5])]);
    const huge = { method: "POST", payload: Buffer.alloc(1), fragment: { offset: 0, total: 10_000_001 } };
    expect(await proxy.request(huge)).toEqual({ err: expect.stringContaining("{too-big}") });
  });

  test("gives up after the shorter of the two time-outs, in the head or in the body", async () => {
    await using proxy = await route((seen, response) => {
      if (seen.target === "/body") response.writeHead(200, { "content-length": 9 }).write("x");
    }, 0.1);
    expect(await proxy.request({ seconds: 60 })).toEqual({ err: expect.stringContaining("{route-timeout}") });
    expect(await proxy.request({ name: "/body" })).toEqual({
      err: expect.stringContaining("{route-timeout}"),
    });
  });

  test("tells an unknown route, an unreachable server and one that hangs up apart", async () => {
    await using proxy = await route((_seen, response) => void response.socket?.destroy());
    expect(await proxy.request({ route: "none" })).toEqual({
      err: expect.stringContaining("{route-config}"),
    });
    expect(await proxy.request({ route: "gone" })).toEqual({
      err: expect.stringContaining("{host-unreachable}"),
    });
    expect(await proxy.request({})).toEqual({ err: expect.stringContaining("{host-unreachable}") });
    expect(await proxy.request({ name: "x".repeat(254) })).toEqual({
      err: expect.stringContaining("{too-big}"),
    });
  });
});
