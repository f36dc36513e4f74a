import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../../../../local/blues/notecard/link/clock.ts";
import { linkProfile } from "../../../../local/blues/notecard/link/profile.ts";
import { DEVICE } from "../notehub/support/hub-under-test.ts";
import { CONNECTED, online } from "./support/online-card.ts";

const PERIODIC = { mode: "periodic", inbound: 0, outbound: 0 } as const;

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
    expect(under.flash.settings.get("hub")).toMatchObject({ mode: "minimum", inbound: 5 });
    await under.host.ask({ req: "hub.set", inbound: -1, vinbound: "-", host: "-", mode: "-", sync: false });
    expect(await under.host.ask({ req: "hub.get" })).toEqual({
      ...{ device: DEVICE, product: "com.example.noteferry:test", mode: "periodic", sn: "a" },
      ...{ inbound: 0, outbound: 60, host: "a.notefile.net" },
    });
    expect((await under.host.ask({ req: "hub.set", product: "com.other:x" })).err).toContain(
      "{product-noexist}",
    );
  });

  test("periodic takes its time to connect for a while, and is not connected before", async () => {
    const clock = createVirtualClock();
    const link = linkProfile("custom:latency=0,rate=100000,connect=90");
    await using under = await online({ clock, link, settings: PERIODIC });
    const began = clock.now();
    await under.host.ask({ req: "hub.set", on: true, seconds: 60 });
    await under.until(...CONNECTED);
    expect(clock.now() - began).toBeGreaterThanOrEqual(90_000);
  });

  test("periodic that is told off while it connects gives it up, and can be told again", async () => {
    const { promise: found, resolve: find } = Promise.withResolvers<void>();
    const clock = {
      now: () => performance.now(),
      sleep: (ms: number) => (ms > 0 ? found : Promise.resolve()),
    };
    const link = linkProfile("custom:latency=0,rate=100000,connect=90");
    await using under = await online({ clock, link, settings: PERIODIC });
    await under.host.ask({ req: "hub.set", on: true, seconds: 60 });
    await under.host.ask({ req: "hub.set", off: true });
    find();
    await under.until({ req: "hub.sync.status" }, ({ alert }) => alert === true);
    expect(await under.host.ask({ req: "hub.status" })).not.toHaveProperty("connected");
    await under.host.ask({ req: "hub.set", on: true, seconds: 60 });
    await under.until(...CONNECTED);
  });
});
