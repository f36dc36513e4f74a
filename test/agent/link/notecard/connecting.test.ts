import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../local/blues/notecard/link/clock.ts";
import { linkProfile } from "../../../../local/blues/notecard/link/profile.ts";
import { type Device, startDevice } from "../../support/agent-under-test.ts";
import { startDeviceOnStandIn } from "../../support/device-on-stand-in.ts";

const PERIODIC = { mode: "periodic", inbound: 0, outbound: 0, sync: false } as const;

test("a periodic Notecard that takes long to connect is waited for, and is periodic again afterwards", async () => {
  const { under, folder, start, publish } = await startDeviceOnStandIn({
    ...{ link: { ...linkProfile("none"), connectMs: 2_000 }, clock: systemClock, settings: PERIODIC },
  });
  await publish("a.txt", Buffer.from("x"));
  await under.host.ask({ req: "hub.sync", in: true });
  await under.until({ req: "note.get", file: "file-update.qi" }, ({ body }) => body !== undefined);
  // All six tries of a request would be over before there is a connection, and the rest would be too long.
  const agent = start(["--retry-pause", "0.01", "--rest", "3600"]);
  expect(await agent.next("connecting")).toEqual({
    ...{ event: "connecting", name: "a.txt", detail: "disconnected {disconnected}" },
  });
  expect(await agent.next("installed")).toMatchObject({ requests: 1 });
  expect(agent.events.some(({ event }) => event === "retrying" || event === "failed")).toBe(false);
  expect(agent.events.filter(({ event }) => event === "connecting")).toHaveLength(1);
  expect(await readFile(path.join(folder, "root/a.txt"), "utf8")).toBe("x");
  await under.until({ req: "hub.status" }, ({ connected }) => connected === undefined);
  expect(await under.host.ask({ req: "hub.get" })).toMatchObject({ mode: "periodic" });
}, 30_000);

/** What the fake's `hub.status` answers. */
function scriptStatus({ fake }: Device, status: () => object): void {
  fake.script = ({ req }) => (req === "hub.status" ? { reply: status() } : undefined);
}

const hubSets = ({ fake }: Device) => fake.requests.filter(({ req }) => req === "hub.set");

describe("a Notecard that does not connect in time", () => {
  test("costs no request; the delivery rests, and what may yet connect is not switched off", async () => {
    const device = await startDevice();
    const { fake } = device;
    fake.card.hub.mode = "periodic";
    let connected = false;
    scriptStatus(device, () => (connected ? { connected, status: "{connected}" } : { status: "{net-init}" }));
    fake.card.publish("a.txt", Buffer.from("x"));
    const agent = device.start({ flags: ["--connect", "0.1"] });
    const failed = await agent.next("failed");
    expect(failed).toMatchObject({ reason: "offline", retrySeconds: expect.closeTo(0.15, 1) });
    expect(failed.detail).toMatch(/no connection within 0\.1 s.*\{net-init\}/);
    expect(fake.card.fetches).toBe(0);
    expect(hubSets(device)).toEqual([
      { req: "hub.set", on: true, seconds: 300 },
      { req: "hub.set", on: true, seconds: 300 },
    ]);
    connected = true;
    expect(await agent.next("installed")).toMatchObject({ requests: 1 });
    expect(hubSets(device).at(-1)).toEqual({ req: "hub.set", off: true });
    expect(agent.events.some(({ event }) => event === "retrying")).toBe(false);
  });

  test("is waited for no longer when the agent is told to stop", async () => {
    const device = await startDevice();
    device.fake.card.hub.mode = "periodic";
    scriptStatus(device, () => ({ status: "{cell-registration-wait}" }));
    device.fake.card.publish("a.txt", Buffer.from("x"));
    const agent = device.start({ flags: ["--poll", "3600"] });
    await agent.next("connecting");
    expect(await agent.stop()).toBe(0);
    expect(agent.events.at(-1)).toMatchObject({ event: "connecting" });
    expect(hubSets(device).at(-1)).toEqual({ req: "hub.set", off: true });
  });
});

describe("before a fetch", () => {
  test("a continuous Notecard that has just begun is waited for too, and its settings are left alone", async () => {
    const device = await startDevice();
    let looks = 0;
    scriptStatus(device, () => ({ connected: ++looks > 3, status: "" }));
    device.fake.card.publish("a.txt", Buffer.from("x"));
    const agent = device.start();
    expect(await agent.next("connecting")).toMatchObject({ detail: "not connected" });
    await agent.next("installed");
    expect(hubSets(device)).toEqual([]);
  });

  test.each<[string, object]>([
    ["is connected in spite of what went wrong before", { connected: true, err: "once {auth-retry}" }],
    ["cannot tell", { err: "no such request {not-supported}" }],
  ])("a Notecard that %s is asked for the file", async (_what, status) => {
    const device = await startDevice();
    scriptStatus(device, () => status);
    device.fake.card.publish("a.txt", Buffer.from("x"));
    const agent = device.start();
    await agent.next("installed");
    expect(agent.events.some(({ event }) => event === "connecting")).toBe(false);
  });

  test("a Notecard whose mode never connects is not waited for: the reason is told", async () => {
    const device = await startDevice();
    device.fake.card.hub.mode = "minimum";
    device.fake.script = ({ req }) =>
      req === "web.get" ? { reply: { err: "web operations require being online {hub-mode}" } } : undefined;
    device.fake.card.publish("a.txt", Buffer.from("x"));
    expect(await device.start().next("failed")).toMatchObject({ reason: "mode" });
    expect(device.fake.requests.some(({ req }) => req === "hub.status")).toBe(false);
  });

  test("trouble on the way to a connection is told, and waited out", async () => {
    const device = await startDevice();
    let looks = 0;
    scriptStatus(device, () =>
      ++looks > 2 ? { connected: true } : { err: "cannot reach it {notehub-open-failure}", status: "x" },
    );
    device.fake.card.publish("a.txt", Buffer.from("x"));
    const agent = device.start();
    expect(await agent.next("connecting")).toMatchObject({
      detail: "cannot reach it {notehub-open-failure}",
    });
    await agent.next("installed");
  });
});
