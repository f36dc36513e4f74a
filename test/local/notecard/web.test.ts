import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../../../local/notecard/link/clock.ts";
import { linkProfile } from "../../../local/notecard/link/profile.ts";
import type { NotecardOptions } from "../../../local/notecard/server.ts";
import { DEVICE, testTls } from "../notehub/hub-under-test.ts";
import { startUpstream } from "../notehub/upstream.ts";
import { cardUnderTest } from "./card-under-test.ts";

const RAW = "application/octet-stream";
const CONNECTED = [
  { req: "hub.status" },
  ({ connected }: { connected?: unknown }) => connected === true,
] as const;

/** A Notecard with a route to a server that answers any range of 100,000 bytes, and JSON at /json. */
async function online(options: Partial<NotecardOptions> = {}) {
  const file = Buffer.alloc(100_000, 3);
  const upstream = await startUpstream(await testTls(), ({ target, headers, body }, response) => {
    if (target === "/json") return void response.end(JSON.stringify({ got: body.toString() }));
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
    const slice = file.subarray(Number(from ?? 0), Number(to ?? 0) + 1);
    response.writeHead(206, { "content-range": `bytes ${from}-${to}/${file.length}` }).end(slice);
  });
  const routes = [{ alias: "r", url: upstream.url, headers: {}, timeoutSeconds: 10 }];
  const under = await cardUnderTest(options, { routes });
  return {
    ...under,
    seen: upstream.seen,
    async [Symbol.asyncDispose]() {
      await under[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

describe("web requests", () => {
  test("bring 8192 raw bytes as base64, with the total", async () => {
    await using under = await online();
    await under.until(...CONNECTED);
    const reply = await under.host.ask({
      req: "web.get",
      route: "r",
      name: "/f",
      content: RAW,
      offset: 8192,
      max: 8192,
    });
    expect(reply).toEqual({ result: 206, total: 100_000, payload: Buffer.alloc(8192, 3).toString("base64") });
  });

  test("need a connection, and say what is missing", async () => {
    await using under = await online({ settings: { mode: "periodic", inbound: 0, outbound: 0 } });
    const get = { req: "web.get", route: "r", name: "/json" };
    expect(await under.host.ask(get)).toEqual({
      err: "web operations require being online (hub.set) {hub-mode}",
    });
    await under.host.ask({ req: "hub.set", on: true, seconds: 60 });
    await under.until(...CONNECTED);
    expect(await under.host.ask(get)).toMatchObject({ result: 200 });
    await under.host.ask({ req: "hub.set", off: true });
    await under.until({ req: "hub.status" }, ({ connected }) => connected === undefined);
    expect((await under.host.ask(get)).err).toContain("{hub-mode}");
  });

  test("end with a connection that was for a while", async () => {
    await using under = await online({ settings: { mode: "periodic", inbound: 0, outbound: 0 } });
    await under.host.ask({ req: "hub.set", on: true, seconds: 1 });
    await under.until(...CONNECTED);
    await under.until({ req: "hub.status" }, ({ connected }) => connected === undefined);
    expect((await under.host.ask({ req: "web.get", route: "r", name: "/json" })).err).toContain("{hub-mode}");
  });

  test("wait for the next connection if they have a place to go", async () => {
    await using under = await online({ settings: { mode: "minimum" } });
    const get = { req: "web.get", route: "r", name: "/json", file: "web.dbx", note: "answer" };
    expect((await under.host.ask({ ...get, file: "web.qo" })).err).toContain("{notefile-bad-name}");
    expect(await under.host.ask(get)).toEqual({});
    expect(under.seen).toEqual([]);
    await under.host.ask({ req: "hub.sync" });
    const reply = await under.until(
      { req: "note.get", file: "web.dbx", note: "answer" },
      ({ err }) => err === undefined,
    );
    expect(reply.body).toEqual({ result: 200, body: { got: "" } });
  });

  test("send bodies, payloads, the buffer, and fragments", async () => {
    await using under = await online();
    await under.until(...CONNECTED);
    const post = (more: object) => under.host.ask({ req: "web.post", route: "r", name: "/json", ...more });
    expect(await post({ body: { a: 1 } })).toMatchObject({ body: { got: '{"a":1}' } });
    expect(await post({ payload: "YWJj" })).toMatchObject({ body: { got: "abc" } });
    expect(await post({ payload: "YWJj", offset: 0, total: 6 })).toEqual({ result: 100 });
    expect(await post({ payload: "ZGVm", offset: 3, total: 6 })).toMatchObject({ body: { got: "abcdef" } });
    expect(await post({ body: {}, async: true })).toEqual({});
    expect((await post({ payload: "YWJj", status: "0".repeat(32) })).err).toContain("{web-payload}");
    const put = await under.host.ask({
      req: "web.put",
      route: "r",
      name: "/x",
      payload: "AQID",
      content: RAW,
      max: 9,
    });
    expect(put).toMatchObject({
      result: 206,
      payload: "Aw==",
      status: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(under.seen.map(({ method }) => method)).toEqual(["POST", "POST", "POST", "POST", "PUT"]);
  });
});

describe("on a link", () => {
  test("a web request takes its time and counts its bytes", async () => {
    const clock = createVirtualClock();
    await using under = await online({ clock, link: linkProfile("custom:latency=100,rate=1000") });
    await under.until(...CONNECTED);
    under.card.markDelivery();
    const began = clock.now();
    await under.host.ask({
      req: "web.get",
      route: "r",
      name: "/f",
      content: RAW,
      offset: 0,
      max: 8000,
      seconds: 60,
    });
    // Route, name and content go up; the range is no more than two numbers of the platform's message.
    const up = "r".length + "/f".length + RAW.length;
    expect(under.card.counters().delivery).toEqual({ messages: 2, up, down: 8_000, overhead: 120 });
    expect(clock.now() - began).toBeCloseTo(200 + up + 8_000 + 120, 3);
  });

  test("a reply that the time does not suffice for is a time-out, at that time", async () => {
    const clock = createVirtualClock();
    await using under = await online({ clock, link: linkProfile("custom:latency=0,rate=1000") });
    await under.until(...CONNECTED);
    const began = clock.now();
    const reply = await under.host.ask({
      req: "web.get",
      route: "r",
      content: RAW,
      offset: 0,
      max: 8000,
      seconds: 5,
    });
    expect(reply).toEqual({ err: "web.get: no reply from Notehub in 5 seconds {receive-timeout}" });
    expect(clock.now() - began).toBeCloseTo(5_000);
  });

  test("a lost message is a time-out, and the server may have been asked", async () => {
    const clock = createVirtualClock();
    const rolls = { next: 0.9 };
    const random = () => rolls.next;
    await using under = await online({
      clock,
      random,
      link: linkProfile("custom:latency=0,rate=100000,loss=0.5"),
    });
    await under.until(...CONNECTED);
    rolls.next = 0.1;
    const get = { req: "web.get", route: "r", name: "/json", seconds: 30 };
    const began = clock.now();
    expect((await under.host.ask(get)).err).toContain("{receive-timeout}");
    expect(clock.now() - began).toBeCloseTo(30_000);
    expect(under.seen).toHaveLength(0);
    rolls.next = 0.9;
    expect(await under.host.ask(get)).toMatchObject({ result: 200 });
  });

  test("an outage disconnects, and Notes come after it", async () => {
    const clock = createVirtualClock();
    await using under = await online({
      clock,
      link: linkProfile("custom:latency=0,rate=100000,outage=60/120"),
    });
    await under.until(...CONNECTED);
    await clock.sleep(60_000);
    expect(await under.host.ask({ req: "hub.status" })).toEqual({ status: "disconnected {disconnected}" });
    const get = { req: "web.get", route: "r", name: "/json" };
    expect((await under.host.ask(get)).err).toContain("{hub-not-connected}");
    await under.note("file-update.qi", { name: "a" });
    await under.until({ req: "note.get", file: "file-update.qi" }, ({ body }) => body !== undefined);
    expect(await under.host.ask(get)).toMatchObject({ result: 200 });
  });

  test("a sync counts its Notes, both ways", async () => {
    await using under = await online();
    await under.until(...CONNECTED);
    await under.until({ req: "hub.sync.status" }, ({ status }) => status === "completed {sync-end}");
    under.card.markDelivery();
    await under.note("file-update.qi", { name: "abc" });
    await under.until({ req: "file.changes" }, ({ total }) => total === 1);
    await under.host.ask({ req: "note.add", file: "file-status.qo", body: { ok: true }, sync: true });
    await under.until({ req: "file.changes.pending" }, ({ pending }) => pending === undefined);
    expect(under.card.counters().delivery).toMatchObject({
      up: '{"ok":true}'.length,
      down: '{"name":"abc"}'.length,
    });
  });
});

describe("modes", () => {
  test("periodic and minimum fetch nothing until they are told to sync", async () => {
    await using under = await online({ settings: { mode: "minimum" } });
    await under.note("file-update.qi", { name: "a" });
    expect((await under.host.ask({ req: "note.get", file: "file-update.qi" })).err).toContain(
      "{notefile-noexist}",
    );
    await under.host.ask({ req: "hub.sync" });
    await under.until({ req: "note.get", file: "file-update.qi" }, ({ body }) => body !== undefined);
    expect(await under.host.ask({ req: "hub.status" })).not.toHaveProperty("connected");
    const { time, requested, completed } = await under.host.ask({ req: "hub.sync.status" });
    expect([time, requested, completed].every(Number.isInteger)).toBe(true);
  });

  test("off ignores even that, and dfu returns to what was before", async () => {
    await using under = await online({ settings: { mode: "off" } });
    await under.host.ask({ req: "hub.sync" });
    expect(await under.host.ask({ req: "hub.sync.status" })).toMatchObject({ status: "idle {idle}" });
    await under.host.ask({ req: "hub.set", mode: "continuous" });
    await under.until(...CONNECTED);
    await under.host.ask({ req: "hub.set", mode: "dfu" });
    expect(await under.host.ask({ req: "hub.status" })).not.toHaveProperty("connected");
    await under.host.ask({ req: "hub.set", mode: "dfu-completed" });
    expect(await under.host.ask({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
  });

  test("continuous without sync waits for its minutes", async () => {
    await using under = await online({ settings: { sync: false } });
    await under.until(...CONNECTED);
    await under.until({ req: "hub.sync.status" }, ({ status }) => status === "completed {sync-end}");
    await under.note("file-update.qi", { name: "a" });
    expect((await under.host.ask({ req: "note.get", file: "file-update.qi" })).err).toContain(
      "{notefile-noexist}",
    );
    await under.host.ask({ req: "hub.sync", in: true });
    await under.until({ req: "note.get", file: "file-update.qi" }, ({ body }) => body !== undefined);
  });

  test("settings outlive a restart, and go back to their defaults", async () => {
    await using under = await online();
    await under.host.ask({ req: "hub.set", mode: "minimum", inbound: 5, sn: "a", vinbound: "usb:1" });
    expect(under.test.hub.session(DEVICE).settings.get("hub")).toMatchObject({ mode: "minimum", inbound: 5 });
    await under.host.ask({ req: "hub.set", inbound: -1, vinbound: "-", host: "-", mode: "-", sync: false });
    expect(await under.host.ask({ req: "hub.get" })).toEqual({
      ...{ device: DEVICE, product: "com.example.noteferry:test", mode: "periodic", sn: "a" },
      ...{ inbound: 0, outbound: 60, host: "a.notefile.net" },
    });
    expect((await under.host.ask({ req: "hub.set", product: "com.other:x" })).err).toContain(
      "{product-noexist}",
    );
  });
});
