import { describe, expect, test } from "vitest";
import { CONNECTED, online, RAW } from "./support/online-card.ts";

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
