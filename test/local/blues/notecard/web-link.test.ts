import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../../../../local/blues/notecard/link/clock.ts";
import { linkProfile } from "../../../../local/blues/notecard/link/profile.ts";
import { CONNECTED, online, RAW } from "./support/online-card.ts";

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
