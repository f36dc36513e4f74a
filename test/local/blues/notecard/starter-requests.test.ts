import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { replyErrors, requestErrors } from "../../../support/notecard-schema.ts";
import { lastHost } from "../../../support/sample-hosts.ts";
import { DEVICE, PRODUCT } from "../notehub/support/hub-under-test.ts";
import { type CardUnderTest, cardUnderTest } from "./support/card-under-test.ts";
import { notePython } from "./support/hosts/note-python.ts";
import { openLine } from "./support/serial-line.ts";

// What starter examples, note-cli and the sample's last generation send besides what a file takes.

let under: CardUnderTest;
beforeAll(async () => {
  under = await cardUnderTest();
});
afterAll(() => under[Symbol.asyncDispose]());

/** Asks on a line of its own, and fails unless request and reply obey Blues' schemas. */
async function ask(request: Record<string, unknown>) {
  await using host = await openLine(under.card.port);
  expect(requestErrors(request), JSON.stringify(request)).toEqual([]);
  const reply = await host.ask(request);
  expect(replyErrors(String(request.req), reply), JSON.stringify(reply)).toEqual([]);
  return reply;
}

const ended = async (notefile: string) => (await under.test.api("GET", `/events?files=${notefile}`)).json;

test("a host's log becomes an event of its own kind", async () => {
  await ask({ req: "hub.log", text: "started" });
  await ask({ req: "hub.log", text: "something is wrong!", alert: true, sync: true });
  await under.until({ req: "file.changes.pending" }, ({ pending }) => pending === undefined);
  expect(await ended("_health_host.qo")).toMatchObject({
    events: [{ body: { text: "started" } }, { body: { text: "something is wrong!", alert: true } }],
  });
});

test("readings are those of a Notecard on a desk", async () => {
  expect(await ask({ req: "card.temp" })).toMatchObject({ value: expect.any(Number), usb: true });
  expect(await ask({ req: "card.voltage" })).toMatchObject({ mode: "usb", value: expect.any(Number) });
  expect(await ask({ req: "card.voltage", hours: 24, on: true })).toMatchObject({ on: true, hours: 24 });
  expect(await ask({ req: "card.location" })).toEqual({
    ...{ mode: "off", status: "GPS inactive {gps-inactive}" },
  });
});

describe("a Note of a database", () => {
  const note = { file: "settings.db", note: "pump" };
  const get = () => ask({ req: "note.get", ...note });

  test("is added, replaced whole, brought to Notehub, and deleted", async () => {
    await ask({ req: "note.update", ...note, body: { on: true }, payload: "AQID" });
    expect(await get()).toMatchObject({ body: { on: true }, payload: "AQID" });
    await ask({ req: "note.update", ...note, body: { on: false }, sync: true });
    expect(await get()).toMatchObject({ body: { on: false } });
    expect(await get()).not.toHaveProperty("payload");
    await under.until({ req: "file.changes.pending" }, ({ pending }) => pending === undefined);
    expect(await ended("settings.db")).toMatchObject({ events: [{ body: { on: false } }] });
    await ask({ req: "note.delete", ...note });
    for (const again of [await get(), await ask({ req: "note.delete", ...note })]) {
      expect(again.err).toContain("{note-noexist}");
    }
  });

  test("of a queue is neither replaced nor deleted by its ID", async () => {
    for (const req of ["note.update", "note.delete"]) {
      const { err } = await ask({ req, file: "a.qo", note: "a", ...(req === "note.update" && { body: {} }) });
      expect(err).toContain("{notefile-queue-disallowed}");
    }
  });
});

describe("a template", () => {
  const body = { on: true, level: 14.1, count: 12, name: "8", at: { lat: 14.1 } };
  const add = (note: object) => ask({ req: "note.add", file: "t.qo", body: note });

  test("is told, holds Notes to it, and is taken away", async () => {
    expect(await ask({ req: "note.template", file: "t.qo", verify: true })).toEqual({});
    expect(await ask({ req: "note.template", file: "t.qo", body, length: 10 })).toEqual({ bytes: 59 });
    expect(await ask({ req: "note.template", file: "t.qo", verify: true })).toEqual({
      ...{ body, length: 10, bytes: 59, template: true },
    });
    expect(await add({ on: false, at: { lat: 1 } })).toMatchObject({ template: true });
    for (const wrong of [{ other: 1 }, { on: 1 }, { at: 1 }, { at: { lon: 1 } }, { at: [1] }]) {
      expect((await add(wrong)).err, JSON.stringify(wrong)).toContain("{template-incompatible}");
    }
    expect(await ask({ req: "note.template", file: "t.qo" })).toEqual({});
    expect(await add({ other: 1 })).not.toHaveProperty("template");
  });

  test("that is compact is smaller", async () => {
    const reply = await ask({ req: "note.template", file: "c.qo", body, format: "compact", port: 5 });
    expect(reply).toEqual({ bytes: 19, format: "compact" });
  });
});

test("notefiles are counted, and deleted with what was to go out", async () => {
  await using alone = await cardUnderTest({ settings: { mode: "off" } });
  const { host } = alone;
  expect(await host.ask({ req: "file.stats" })).toEqual({ total: 0 });
  for (const file of ["a.qo", "a.qo", "b.db", "c.dbx"]) {
    await host.ask({ req: "note.add", file, body: {}, ...(file !== "a.qo" && { note: "n" }) });
  }
  expect(await host.ask({ req: "file.stats" })).toEqual({ total: 4, changes: 3, sync: true });
  expect(await host.ask({ req: "file.stats", file: "c.dbx" })).toEqual({ total: 1 });
  expect(await host.ask({ req: "file.delete", files: ["a.qo", "b.db"] })).toEqual({});
  expect(await host.ask({ req: "file.stats" })).toEqual({ total: 1 });
  expect((await host.ask({ req: "file.stats", file: "a.qo" })).err).toContain("{notefile-noexist}");
  expect((await host.ask({ req: "file.delete", files: ["c.dbx", "a.qo"] })).err).toContain(
    "{notefile-noexist}",
  );
  expect(await host.ask({ req: "file.stats" })).toEqual({ total: 0 });
});

describe("variables of the host's own", () => {
  const get = async (name: string) => (await ask({ req: "env.get", name })).text;

  test("stand above Notehub's, or below them, whatever the case of their names", async () => {
    const variables = { Mode: "hub", rate: "hub" };
    await under.test.api("PUT", `/devices/${DEVICE}/environment_variables`, {
      environment_variables: variables,
    });
    await under.until({ req: "env.get", name: "rate" }, ({ text }) => text === "hub");
    const { time: before } = await ask({ req: "env.modified" });
    await ask({ req: "env.default", name: "RATE", text: "default" });
    await ask({ req: "env.default", name: "other", text: "default" });
    const { time } = await ask({ req: "env.set", name: "mode", text: "host" });
    expect(time).toBeGreaterThan(Number(before));
    expect(await ask({ req: "env.modified" })).toEqual({ time });
    expect([await get("mode"), await get("rate"), await get("other")]).toEqual(["host", "hub", "default"]);
    expect(await ask({ req: "env.get" })).toMatchObject({
      body: { mode: "host", rate: "hub", other: "default" },
    });
    await ask({ req: "env.set", name: "MODE" });
    await ask({ req: "env.default", name: "other", text: "" });
    expect([await get("mode"), await get("other")]).toEqual(["hub", undefined]);
  });
});

describe("firmware of the host", () => {
  beforeEach(() => ask({ req: "dfu.status", stop: true, on: true }));

  test("is never there, and its downloads are turned off and on", async () => {
    const idle = { mode: "idle", status: "no download in progress" };
    expect(await ask({ req: "dfu.status" })).toEqual({ ...idle, on: true });
    expect(await ask({ req: "dfu.status", off: true })).toEqual({ ...idle, on: false, off: true });
    expect(await ask({ req: "dfu.status", name: "card" })).toMatchObject({ on: false });
    expect(await ask({ req: "dfu.status", on: true })).toEqual({ ...idle, on: true });
  });

  test("has the error that the host says it has, until the next stop", async () => {
    await ask({ req: "dfu.status", stop: true, err: "bad image" });
    expect(await ask({ req: "dfu.status" })).toMatchObject({ mode: "error", status: "bad image" });
    expect(await ask({ req: "dfu.status", name: "card" })).toMatchObject({ mode: "idle" });
    expect(await ask({ req: "dfu.status", stop: true })).toMatchObject({ mode: "idle" });
  });

  test("is not read but in the mode for it, and is not there in it", async () => {
    expect((await ask({ req: "dfu.get" })).err).toContain("{hub-mode}");
    await ask({ req: "hub.set", mode: "dfu" });
    expect(await ask({ req: "dfu.get", length: 0 })).toEqual({});
    expect((await ask({ req: "dfu.get", offset: 0, length: 4096 })).err).toContain("{dfu-not-ready}");
    await ask({ req: "hub.set", mode: "dfu-completed" });
    expect(await ask({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
  });
});

test("the sample's last generation, which has its files from Notehub's firmware updates, finds none", async () => {
  await using line = await openLine(under.card.port);
  const host = notePython(line);
  expect(await lastHost(PRODUCT, host.transaction)).toBe("No update available");
  expect(host.retries()).toBe(0);
});

test.each([
  [{}, { sn: "unit-1" }],
  [{ delete: true, connected: true }, {}],
])("card.restore with %j forgets the Notes, and settings only if told", async (members, left) => {
  await using alone = await cardUnderTest({ settings: { mode: "off" } });
  const { host, card } = alone;
  await host.ask({ req: "hub.set", sn: "unit-1" });
  await host.ask({ req: "note.add", file: "a.dbx", note: "n", body: {} });
  await host.ask({ req: "env.set", name: "a", text: "b" });
  expect(await host.ask({ req: "card.restore", ...members })).toEqual({});
  await host.closed;
  await using again = await openLine(card.port);
  expect(await again.ask({ req: "file.stats" })).toEqual({ total: 0 });
  const { sn } = await again.ask({ req: "hub.get" });
  expect(sn === undefined ? {} : { sn }).toEqual(left);
  expect((await again.ask({ req: "env.get", name: "a" })).text).toBe("sn" in left ? "b" : undefined);
});
