import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { moveNotes } from "../../../../../local/blues/note/sync-end.ts";
import { openFlash } from "../../../../../local/blues/notecard/flash/flash.ts";
import {
  DEVICE,
  FLEET,
  type HubUnderTest,
  hubUnderTest,
  PRODUCT,
  PROJECT,
} from "../support/hub-under-test.ts";
import { expectOpenApi } from "../support/openapi.ts";

const OTHER = "dev:000000000000002";
const device = `/devices/${DEVICE}`;
let hub: HubUnderTest;

beforeAll(async () => {
  const devices = [
    { deviceUid: DEVICE, fleetUids: [FLEET] },
    { deviceUid: OTHER, fleetUids: [] },
  ];
  hub = await hubUnderTest({ devices });
  for (const uid of [DEVICE, OTHER]) {
    const flash = openFlash(":memory:", uid);
    for (const n of [1, 2, 3]) flash.notes.put("a.qo", { body: { n } }, { time: 100 + n, unsent: true });
    flash.notes.put("b.qo", { body: {} }, { time: 200, unsent: true });
    moveNotes(flash.sync.waiting().notes, flash.sync, hub.hub.session(uid).sync);
  }
});

afterAll(() => hub[Symbol.asyncDispose]());

const json = async (method: string, path: string, body?: unknown) => (await hub.api(method, path, body)).json;

test("tells of its project, by itself and by its product", async () => {
  const root = async (path: string) => (await hub.api("GET", path, undefined, { root: true })).json;
  const projects = await root("/v1/projects");
  expectOpenApi("GetProjects", projects);
  expect(projects).toMatchObject({ projects: [{ uid: PROJECT }] });
  const project = await json("GET", "");
  expectOpenApi("Project", project);
  expect(await root(`/v1/products/${PRODUCT}/project`)).toEqual(project);
  expect(await root("/v1/products/other:product/project")).toMatchObject({ code: 404 });
  const products = await json("GET", "/products");
  expectOpenApi("GetProducts", products);
  expect(products).toMatchObject({ products: [{ uid: PRODUCT }] });
});

describe("fleets", () => {
  test("are made, changed, joined, left and deleted", async () => {
    const made = await hub.api("POST", "/fleets", { label: "north", smart_rule: "" });
    expect(made).toMatchObject({ status: 201, json: { label: "north" } });
    expectOpenApi("Fleet", made.json);
    const { uid } = made.json as { uid: string };
    await json("PUT", `/fleets/${uid}/environment_variables`, { environment_variables: { where: "north" } });

    const joined = await json("PUT", `${device}/fleets`, { fleet_uids: [uid] });
    expectOpenApi("FleetsResponse", joined);
    expect(joined).toMatchObject({ fleets: [{ uid: FLEET }, { uid }] });
    expect(hub.hub.session(DEVICE).environment().variables).toMatchObject({ where: "north" });
    const before = hub.hub.session(DEVICE).environment().modified;

    const changed = await json("PUT", `/fleets/${uid}`, {
      label: "south",
      addDevices: [OTHER],
      removeDevices: [DEVICE],
    });
    expect(changed).toMatchObject({ label: "south", smart_rule: "" });
    expect(await json("GET", `/fleets/${uid}`)).toEqual(changed);
    expect(await json("GET", `/fleets/${uid}/devices`)).toMatchObject({ devices: [{ uid: OTHER }] });
    expect(hub.hub.session(DEVICE).environment().variables).toEqual({});
    expect(hub.hub.session(DEVICE).environment().modified).toBeGreaterThan(before);

    expect(await json("DELETE", `/devices/${OTHER}/fleets`, { fleet_uids: [uid] })).toEqual({ fleets: [] });
    expect(await hub.api("DELETE", `/fleets/${uid}`)).toMatchObject({ status: 204, text: "" });
    expect(await hub.api("GET", `/fleets/${uid}`)).toMatchObject({ status: 404 });
  });

  test("stay as they are over a restart", async () => {
    await using one = await hubUnderTest();
    const { json: made } = await one.api("POST", "/fleets", { label: "new" });
    await one.api("DELETE", `/fleets/${FLEET}`);
    await one.restart();
    expect((await one.api("GET", "/fleets")).json).toEqual({ fleets: [made] });
    expect((await one.api("GET", `${device}/fleets`)).json).toEqual({ fleets: [] });
  });

  test("take no device that is unknown, and nothing of a change that cannot be done", async () => {
    const change = { label: "no", removeDevices: [DEVICE], addDevices: ["dev:none"] };
    expect(await hub.api("PUT", `/fleets/${FLEET}`, change)).toMatchObject({ status: 404 });
    expect(await json("GET", `/fleets/${FLEET}`)).toMatchObject({ label: FLEET });
    expect(await json("GET", `${device}/fleets`)).toMatchObject({ fleets: [{ uid: FLEET }] });
  });
});

test("sets and deletes the variables of project, fleet and device, the nearer over the farther", async () => {
  for (const [at, value] of [
    ["", "p"],
    [`/fleets/${FLEET}`, "f"],
    [device, "d"],
  ] as const) {
    const set = await json("PUT", `${at}/environment_variables`, { environment_variables: { v: value } });
    expectOpenApi("EnvironmentVariables", set);
    expect(await json("GET", `${at}/environment_variables`)).toMatchObject({
      environment_variables: { v: value },
    });
  }
  const seen = () => hub.hub.session(DEVICE).environment().variables.v;
  for (const [at, left] of [
    [device, "f"],
    [`/fleets/${FLEET}`, "p"],
    ["", undefined],
  ] as const) {
    const deleted = await json("DELETE", `${at}/environment_variables/v`);
    expectOpenApi("EnvironmentVariables", deleted);
    expect(deleted).toEqual({ environment_variables: {} });
    expect(seen()).toBe(left);
  }
});

test("lists notefiles with their Notes, and deletes them", async () => {
  await hub.api("POST", `${device}/notes/in.qi`, { body: { a: 1 } });
  await hub.api("POST", `${device}/notes/in.qi`, { payload: "AQID" });
  await hub.api("POST", `${device}/notes/data.db/x`, { body: {} });
  const files = await json("GET", `${device}/files`);
  expectOpenApi("NotefileList", files);
  expect(files).toMatchObject([
    { id: "data.db" },
    { id: "in.qi", notes: [{ body: { a: 1 } }, { payload: "AQID" }] },
  ]);
  expect(await json("GET", `${device}/files?files=in.qi&pending=true`)).toMatchObject([{ id: "in.qi" }]);
  expect(await json("DELETE", `${device}/files`, { files: ["in.qi", "never.qi"] })).toEqual({});
  expect(await json("GET", `${device}/files`)).toMatchObject([{ id: "data.db" }]);
});

test("tells of sessions, the latest events and the health log", async () => {
  const sessions = await json("GET", `${device}/sessions`);
  expectOpenApi("SessionResponse", sessions);
  expect(sessions).toMatchObject({ sessions: [{ device: DEVICE, events: 4 }], has_more: false });
  expect(await json("GET", `${device}/sessions?endDate=1`)).toEqual({ sessions: [], has_more: false });
  const latest = await json("GET", `${device}/latest`);
  expectOpenApi("LatestResponse", latest);
  expect(latest).toMatchObject({
    latest_events: [{ req: "session.begin" }, { file: "a.qo", body: { n: 3 } }, { file: "b.qo" }],
  });
  const log = await json("GET", `${device}/health-log`);
  expectOpenApi("GetDeviceHealthLog", log);
});

test.each(["asc", "desc"])("gives events by cursor, %s, each once", async (sortOrder) => {
  const ns: unknown[] = [];
  let cursor = "";
  do {
    const page = await json(
      "GET",
      `/events-cursor?limit=2&sortOrder=${sortOrder}&cursor=${cursor}&files=a.qo`,
    );
    expectOpenApi("EventsByCursorResponse", page);
    const { events, next_cursor, has_more } = page as {
      events: { body: { n: number } }[];
      next_cursor: string;
      has_more: boolean;
    };
    expect(has_more).toBe(next_cursor !== "");
    ns.push(...events.map(({ body }) => body.n));
    cursor = next_cursor;
  } while (cursor !== "");
  expect(ns).toEqual(sortOrder === "asc" ? [1, 2, 3, 1, 2, 3] : [3, 2, 1, 3, 2, 1]);
});

test("gives the events of a fleet, and none of a fleet without devices", async () => {
  const events = await json("GET", `/fleets/${FLEET}/events?files=b.qo`);
  expectOpenApi("EventsResponse", events);
  expect(events).toMatchObject({ events: [{ device: DEVICE, file: "b.qo" }] });
  const cursor = await json("GET", `/fleets/${FLEET}/events-cursor?startDate=103&endDate=199`);
  expect(cursor).toMatchObject({ events: [{ device: DEVICE, body: { n: 3 } }], next_cursor: "" });
  const { uid } = (await json("POST", "/fleets", { label: "empty" })) as { uid: string };
  expect(await json("GET", `/fleets/${uid}/events`)).toEqual({ events: [], has_more: false });
});

test.each([
  ["GET", "/events-cursor?cursor=none", undefined, 400],
  ["GET", "/events-cursor?limit=10001", undefined, 400],
  ["GET", `${device}/sessions?startDate=soon`, undefined, 400],
  ["GET", `${device}/sessions?pageSize=0`, undefined, 400],
  ["GET", "/devices/dev:none/health-log", undefined, 404],
  ["GET", "/fleets/fleet:none/events", undefined, 404],
  ["POST", "/fleets", { label: 1 }, 400],
  ["POST", "/fleets", undefined, 400],
  ["PUT", `${device}/fleets`, { fleet_uids: ["fleet:none"] }, 404],
  ["PUT", `${device}/fleets`, {}, 400],
  ["DELETE", `${device}/files`, [], 400],
  ["DELETE", "", undefined, 405],
])("refuses %s %s %j in Notehub's form", async (method, path, body, status) => {
  const reply = await hub.api(method, path, body);
  expect(reply.status).toBe(status);
  expectOpenApi("Error", reply.json);
});
