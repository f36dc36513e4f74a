import { describe, expect, test } from "vitest";
import { moveNotes } from "../../../../local/blues/note/sync-end.ts";
import { openFlash } from "../../../../local/blues/notecard/flash/flash.ts";
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
    const { sync } = test.hub.session(DEVICE);
    const flash = openFlash(":memory:", DEVICE);
    await test.api("POST", NOTES, { body: { name: "a" } });
    await test.api("POST", NOTES, { body: { name: "b" } });
    const waiting = sync.waiting();
    expect(waiting.bytes).toBe(2 * '{"name":"a"}'.length);
    await test.api("POST", NOTES, { body: { name: "c" } });
    expect(moveNotes(waiting.notes, sync, flash.sync)).toEqual(["file-update.qi"]);
    expect(flash.notes.list("file-update.qi").map(({ body }) => body)).toEqual([
      { name: "a" },
      { name: "b" },
    ]);
    expect((await test.api("GET", NOTES)).json).toMatchObject({ total: 1 });
    expect(sync.waiting().notes).toHaveLength(1);
  });

  test("keeps both sides of a database notefile", async () => {
    await using test = await hubUnderTest();
    const { sync } = test.hub.session(DEVICE);
    const flash = openFlash(":memory:", DEVICE);
    await test.api("PUT", `/devices/${DEVICE}/notes/config.db/one`, { body: { from: "hub" } });
    moveNotes(sync.waiting().notes, sync, flash.sync);
    expect(flash.notes.get("config.db", "one")).toMatchObject({ body: { from: "hub" } });
    expect(sync.waiting().notes).toEqual([]);
    flash.notes.put("config.db", { body: { from: "device" } }, { time: 1, name: "one", unsent: true });
    moveNotes(flash.sync.waiting().notes, flash.sync, sync);
    const { json } = await test.api("GET", `/devices/${DEVICE}/notes/config.db/one`);
    expect(json).toMatchObject({ body: { from: "device" } });
    expect((await test.api("GET", "/events")).json).toMatchObject({ events: [{ note: "one" }] });
    expect(sync.waiting().notes).toEqual([]);
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
