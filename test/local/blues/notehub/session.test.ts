import { describe, expect, test } from "vitest";
import { DEVICE, FLEET, hubUnderTest } from "./support/hub-under-test.ts";

const NOTES = `/devices/${DEVICE}/notes/file-update.qi`;

describe("session", () => {
  test("tells of Notes and variables as they come", async () => {
    await using test = await hubUnderTest();
    const told: unknown[] = [];
    const unlisten = test.hub.session(DEVICE).onInbound((notefile) => told.push(notefile));
    await test.api("POST", NOTES, { body: { name: "a" } });
    await test.api("PUT", `/fleets/${FLEET}/environment_variables`, { environment_variables: { a: "1" } });
    unlisten();
    await test.api("POST", NOTES, { body: { name: "b" } });
    expect(told).toEqual(["file-update.qi", undefined]);
  });

  test("moves Notes to the device once, in order, and what came meanwhile not yet", async () => {
    await using test = await hubUnderTest();
    const { inbound, flash } = test.hub.session(DEVICE);
    await test.api("POST", NOTES, { body: { name: "a" } });
    await test.api("POST", NOTES, { body: { name: "b" } });
    const waiting = inbound.waiting();
    expect(waiting.bytes).toBe(2 * '{"name":"a"}'.length);
    await test.api("POST", NOTES, { body: { name: "c" } });
    expect(inbound.receive(waiting.notes)).toEqual(["file-update.qi"]);
    expect(flash.list("file-update.qi").map(({ body }) => body)).toEqual([{ name: "a" }, { name: "b" }]);
    expect((await test.api("GET", NOTES)).json).toMatchObject({ total: 1 });
    expect(inbound.waiting().notes).toHaveLength(1);
  });

  test("keeps what the device has over a restart", async () => {
    await using test = await hubUnderTest();
    await test.api("POST", NOTES, { body: { name: "a" } });
    const { inbound } = test.hub.session(DEVICE);
    inbound.receive(inbound.waiting().notes);
    await test.restart();
    expect(test.hub.session(DEVICE).flash.list("file-update.qi")).toMatchObject([{ body: { name: "a" } }]);
  });

  test("keeps both sides of a database notefile", async () => {
    await using test = await hubUnderTest();
    const session = test.hub.session(DEVICE);
    await test.api("PUT", `/devices/${DEVICE}/notes/config.db/one`, { body: { from: "hub" } });
    session.inbound.receive(session.inbound.waiting().notes);
    expect(session.flash.get("config.db", "one")).toMatchObject({ body: { from: "hub" } });
    expect(session.inbound.waiting().notes).toEqual([]);
    session.flash.put("config.db", { body: { from: "device" } }, { time: 1, name: "one", unsent: true });
    session.outbound.send(session.outbound.waiting().notes);
    const { json } = await test.api("GET", `/devices/${DEVICE}/notes/config.db/one`);
    expect(json).toMatchObject({ body: { from: "device" } });
    expect((await test.api("GET", "/events")).json).toMatchObject({ events: [{ note: "one" }] });
    expect(session.inbound.waiting().notes).toEqual([]);
  });

  test("delivers a signal to a connected device only", async () => {
    await using test = await hubUnderTest();
    const signal = () => test.api("POST", `/devices/${DEVICE}/signal`, { body: { go: 1 } });
    expect((await signal()).json).toEqual({ connected: false });
    const got: unknown[] = [];
    let connected = false;
    test.hub.session(DEVICE).onSignal((body) => connected && got.push(body) > 0);
    expect((await signal()).json).toEqual({ connected: false });
    connected = true;
    expect((await signal()).json).toEqual({ connected: true });
    expect(got).toEqual([{ go: 1 }]);
  });

  test("is of a known device", async () => {
    await using test = await hubUnderTest();
    expect(() => test.hub.session("dev:9")).toThrow("dev:9");
  });
});
