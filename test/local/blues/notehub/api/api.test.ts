import { describe, expect, test } from "vitest";
import { moveNotes } from "../../../../../local/blues/note/sync-end.ts";
import { openFlash } from "../../../../../local/blues/notecard/flash/flash.ts";
import { DEVICE, FLEET, hubUnderTest, PRODUCT, PROJECT } from "../support/hub-under-test.ts";
import { expectOpenApi } from "../support/openapi.ts";

const NOTES = `/devices/${DEVICE}/notes/file-update.qi`;

describe("notes", () => {
  test("queues what is posted, oldest first, and says {}", async () => {
    await using test = await hubUnderTest();
    for (const name of ["a", "b", "c"]) {
      expect(await test.api("POST", NOTES, { body: { name } })).toMatchObject({ status: 200, json: {} });
    }
    const { json } = await test.api("GET", NOTES);
    expectOpenApi("GetNotefile", json);
    expect(json).toMatchObject({ changes: 3, total: 3 });
    const { notes } = json as { notes: Record<string, { body: { name: string } }> };
    expect(Object.keys(notes).every((id) => /^1:\d+$/.test(id))).toBe(true);
    expect(Object.values(notes).map(({ body }) => body.name)).toEqual(["a", "b", "c"]);
  });

  test("reads and deletes one by its ID", async () => {
    await using test = await hubUnderTest();
    await test.api("POST", NOTES, { body: { name: "a" }, payload: "AQID" });
    const { json } = await test.api("GET", NOTES);
    const [id = ""] = Object.keys((json as { notes: object }).notes);
    const one = await test.api("GET", `${NOTES}/${encodeURIComponent(id)}`);
    expectOpenApi("GetDbNote", one.json);
    expect(one.json).toMatchObject({ body: { name: "a" }, payload: "AQID" });
    expect(await test.api("DELETE", `${NOTES}/${id}`)).toMatchObject({ status: 200 });
    expect(await test.api("DELETE", `${NOTES}/${id}`)).toMatchObject({ status: 404 });
    expect((await test.api("GET", NOTES)).json).toEqual({ changes: 0, total: 0, notes: {} });
  });

  test("limits a listing by max and empties it by delete", async () => {
    await using test = await hubUnderTest();
    for (const name of ["a", "b", "c"]) await test.api("POST", NOTES, { body: { name } });
    const { json } = await test.api("GET", `${NOTES}?max=2&delete=true`);
    expect(Object.keys((json as { notes: object }).notes)).toHaveLength(2);
    expect((await test.api("GET", NOTES)).json).toMatchObject({ total: 1 });
  });

  test("keeps queues over a restart", async () => {
    await using test = await hubUnderTest();
    await test.api("POST", NOTES, { body: { name: "a" } });
    await test.restart();
    await test.api("POST", NOTES, { body: { name: "b" } });
    const { json } = await test.api("GET", NOTES);
    const notes = Object.values((json as { notes: Record<string, { body: unknown }> }).notes);
    expect(notes.map(({ body }) => body)).toEqual([{ name: "a" }, { name: "b" }]);
  });

  test("takes a database note by its ID, and replaces it", async () => {
    await using test = await hubUnderTest();
    const path = `/devices/${DEVICE}/notes/config.db/limits`;
    await test.api("POST", path, { body: { max: 1 } });
    await test.api("PUT", path, { body: { max: 2 } });
    expect((await test.api("GET", path)).json).toMatchObject({ body: { max: 2 } });
  });

  test.each([
    ["another extension", "POST", "/devices/DEVICE/notes/file-update.qo", { body: {} }, 400],
    ["no notefile", "POST", "/devices/DEVICE/notes/file-update", { body: {} }, 400],
    ["an ID for a queue", "PUT", "/devices/DEVICE/notes/file-update.qi/1:1", { body: {} }, 400],
    ["neither body nor payload", "POST", "/devices/DEVICE/notes/a.qi", {}, 400],
    ["a body that is no object", "POST", "/devices/DEVICE/notes/a.qi", { body: [1] }, 400],
    ["a payload that is no base64", "POST", "/devices/DEVICE/notes/a.qi", { payload: "?" }, 400],
    ["a queue that never was", "GET", "/devices/DEVICE/notes/never.qi", undefined, 404],
    ["a device that is unknown", "POST", "/devices/dev:9/notes/a.qi", { body: {} }, 404],
    ["another method", "PATCH", "/devices/DEVICE/notes/a.qi", { body: {} }, 405],
    ["another path", "GET", "/devices/DEVICE/notebooks", undefined, 404],
    ["a broken escape", "GET", "/devices/%ZZ", undefined, 400],
    ["a page of nothing", "GET", "/devices?pageSize=0", undefined, 400],
    ["a page too large", "GET", "/devices?pageSize=10001", undefined, 400],
  ])("refuses %s in Notehub's form", async (_what, method, path, body, status) => {
    await using test = await hubUnderTest();
    const reply = await test.api(method, path.replace("DEVICE", DEVICE), body);
    expect(reply.status).toBe(status);
    expectOpenApi("Error", reply.json);
    expect(reply.json).toMatchObject({ code: status });
  });

  test("refuses a body that is not JSON, and one that is too big", async () => {
    await using test = await hubUnderTest();
    expect(await test.api("POST", NOTES, undefined, { raw: "{" })).toMatchObject({ status: 400 });
    expect(await test.api("POST", NOTES, undefined, { raw: " ".repeat(1_100_000) })).toMatchObject({
      status: 413,
    });
  });
});

describe("projects, devices and fleets", () => {
  test("knows its project by either UID, and no other", async () => {
    await using test = await hubUnderTest();
    const at = (uid: string) => test.api("GET", `/v1/projects/${uid}/devices`, undefined, { root: true });
    expect(await at(PROJECT)).toMatchObject({ status: 200 });
    expect(await at(encodeURIComponent(PRODUCT))).toMatchObject({ status: 200 });
    expect(await at("app:other")).toMatchObject({ status: 404 });
  });

  test("pages a fleet of 125 devices, to the last", async () => {
    const devices = Array.from({ length: 125 }, (_, index) => ({
      deviceUid: `dev:${index}`,
      fleetUids: [FLEET],
    }));
    await using test = await hubUnderTest({
      devices: [...devices, { deviceUid: "dev:other", fleetUids: [] }],
    });
    const seen: string[] = [];
    const more: boolean[] = [];
    for (const pageNum of [1, 2, 3]) {
      const { json } = await test.api("GET", `/fleets/${FLEET}/devices?pageNum=${pageNum}`);
      expectOpenApi("DevicesResponse", json);
      const page = json as { devices: { uid: string }[]; has_more: boolean };
      seen.push(...page.devices.map(({ uid }) => uid));
      more.push(page.has_more);
    }
    expect(more).toEqual([true, true, false]);
    expect(seen).toEqual(devices.map(({ deviceUid }) => deviceUid));
    const exact = await test.api("GET", `/fleets/${FLEET}/devices?pageSize=125`);
    expect(exact.json).toMatchObject({ has_more: false });
    expect(await test.api("GET", "/fleets/fleet:none/devices")).toMatchObject({ status: 404 });
  });

  test("lists fleets, all devices and one device", async () => {
    await using test = await hubUnderTest();
    const fleets = await test.api("GET", "/fleets");
    expectOpenApi("FleetsResponse", fleets.json);
    expect(fleets.json).toMatchObject({ fleets: [{ uid: FLEET }] });
    expectOpenApi("DevicesResponse", (await test.api("GET", "/devices")).json);
    expect((await test.api("GET", "/devices?deviceUID=dev:9")).json).toEqual({
      devices: [],
      has_more: false,
    });
    expectOpenApi("Device", (await test.api("GET", `/devices/${encodeURIComponent(DEVICE)}`)).json);
  });

  test("lists routes without their headers", async () => {
    const route = {
      alias: "files",
      url: "https://x.test",
      headers: { authorization: "s3cret" },
      timeoutSeconds: 9,
    };
    await using test = await hubUnderTest({ routes: [route] });
    const { json, text } = await test.api("GET", "/routes");
    expectOpenApi("GetRoutes", json);
    expect(json).toMatchObject([{ label: "files", type: "proxy" }]);
    expect(text).not.toContain("s3cret");
  });
});

describe("environment variables", () => {
  test("of a device win over its fleet's; an empty one is gone", async () => {
    await using test = await hubUnderTest();
    const fleet = `/fleets/${FLEET}/environment_variables`;
    const device = `/devices/${DEVICE}/environment_variables`;
    await test.api("PUT", fleet, { environment_variables: { a: "fleet", b: "fleet" } });
    const put = await test.api("PUT", device, { environment_variables: { b: "device", c: "" } });
    expectOpenApi("EnvironmentVariables", put.json);
    expect((await test.api("GET", fleet)).json).toEqual({
      environment_variables: { a: "fleet", b: "fleet" },
    });
    const { json } = await test.api("GET", device);
    expectOpenApi("GetDeviceEnvironmentVariablesResponse", json);
    expect(json).toMatchObject({
      environment_variables: { b: "device" },
      environment_variables_effective: { a: "fleet", b: "device" },
    });
  });

  test("are strings", async () => {
    await using test = await hubUnderTest();
    const put = await test.api("PUT", `/fleets/${FLEET}/environment_variables`, {
      environment_variables: { a: 1 },
    });
    expect(put).toMatchObject({ status: 400 });
  });
});

describe("events", () => {
  test("are what the device sent, paged and filtered", async () => {
    await using test = await hubUnderTest();
    const flash = openFlash(":memory:", DEVICE);
    for (const n of [1, 2, 3])
      flash.notes.put("file-status.qo", { body: { n } }, { time: 100 + n, unsent: true });
    flash.notes.put("other.qo", { payload: "AQID" }, { time: 200, unsent: true });
    moveNotes(flash.sync.waiting().notes, flash.sync, test.hub.session(DEVICE).sync);

    const all = await test.api("GET", "/events");
    expectOpenApi("EventsResponse", all.json);
    expect(all.json).toMatchObject({
      has_more: false,
      events: [
        { device: DEVICE, file: "file-status.qo", body: { n: 1 }, when: 101 },
        {},
        {},
        { payload: "AQID" },
      ],
    });
    const page = await test.api("GET", "/events?files=file-status.qo&pageSize=2&pageNum=2");
    expect(page.json).toMatchObject({ has_more: false, events: [{ body: { n: 3 } }] });
    expect((await test.api("GET", "/events?pageSize=1&sortOrder=desc")).json).toMatchObject({
      has_more: true,
      events: [{ file: "other.qo" }],
    });
    expect((await test.api("GET", "/events?deviceUID=dev:9")).json).toMatchObject({ events: [] });
    expect(flash.notes.list("file-status.qo")).toEqual([]);
  });
});
