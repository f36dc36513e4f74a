import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEVICE, FLEET, type HubUnderTest, hubUnderTest, PROJECT } from "../support/hub-under-test.ts";
import { expectOpenApi } from "../support/openapi.ts";

const OTHER = "dev:000000000000002";
const LATE = "dev:000000000000003";
const SECOND = "fleet:00000000-0000-4000-8000-000000000003";
const device = `/devices/${DEVICE}`;
const fleet = `/fleets/${FLEET}`;

let hub: HubUnderTest;
beforeAll(async () => {
  const devices = [
    { deviceUid: DEVICE, fleetUids: [FLEET, SECOND] },
    { deviceUid: OTHER, fleetUids: [FLEET] },
    { deviceUid: LATE, fleetUids: [] },
  ];
  hub = await hubUnderTest({ devices });
});
afterAll(() => hub[Symbol.asyncDispose]());

const put = (at: string, variables: unknown) =>
  hub.api("PUT", `${at}/environment_variables`, { environment_variables: variables });
const seen = (uid: string) => hub.hub.session(uid).environment();
/** The devices that were told of a change meanwhile. */
async function told(change: () => Promise<unknown>): Promise<string[]> {
  const uids: string[] = [];
  const unlisten = [DEVICE, OTHER, LATE].map((uid) => hub.hub.session(uid).onInbound(() => uids.push(uid)));
  await change();
  for (const stop of unlisten) stop();
  return uids;
}

describe("one call for a fleet", () => {
  test("reaches each member, who joins later, and nobody who left", async () => {
    const variable = { nf: '{"s":1}' };
    expect(await told(() => put(fleet, variable))).toEqual([DEVICE, OTHER]);
    expect(seen(LATE).variables).toEqual({});
    const join = () => hub.api("PUT", `/devices/${LATE}/fleets`, { fleet_uids: [FLEET] });
    expect(await told(join)).toEqual([LATE]);
    expect(seen(LATE)).toMatchObject({ variables: variable, modified: expect.any(Number) });
    const before = seen(OTHER).modified;
    await hub.api("DELETE", `/devices/${OTHER}/fleets`, { fleet_uids: [FLEET] });
    expect(seen(OTHER).variables).toEqual({});
    expect(seen(OTHER).modified).toBeGreaterThan(before);
    expect(await told(() => put(fleet, { nf: '{"s":2}' }))).toEqual([DEVICE, LATE]);
    expect(seen(OTHER).variables).toEqual({});
    expect(await told(() => hub.api("DELETE", `${fleet}/environment_variables/nf`))).toEqual([DEVICE, LATE]);
    expect(seen(LATE).variables).toEqual({});
  });

  test("that changes nothing tells nobody", async () => {
    await put(fleet, { same: "1" });
    const { modified } = seen(DEVICE);
    expect(await told(() => put(fleet, { same: "1", never: "" }))).toEqual([]);
    expect(await told(() => hub.api("DELETE", `${fleet}/environment_variables/never`))).toEqual([]);
    expect(seen(DEVICE).modified).toBe(modified);
    await hub.api("DELETE", `${fleet}/environment_variables/same`);
  });

  test("is counted by operation, whatever its UIDs", async () => {
    const path = "/v1/projects/{projectOrProductUID}/fleets/{fleetUID}/environment_variables";
    const puts = () => hub.hub.calls().operations.find((each) => each.method === "PUT" && each.path === path);
    const before = puts()?.count ?? 0;
    await put(fleet, { counted: "" });
    await put(`/fleets/${encodeURIComponent(SECOND)}`, { counted: "" });
    await hub.hub.faults.inject({ kind: "status", status: 503 }, { calls: 1 });
    await put(fleet, { counted: "" });
    expect(puts()?.count).toBe(before + 3);
  });
});

describe("names", () => {
  test("have no case: of two spellings the nearer one is there, once", async () => {
    await put("", { Rate: "project" });
    await put(fleet, { RATE: "fleet" });
    expect(seen(OTHER).variables).toEqual({ Rate: "project" });
    expect(seen(DEVICE).variables).toEqual({ RATE: "fleet" });
    expect((await put(fleet, { rate: "again" })).json).toEqual({ environment_variables: { rate: "again" } });
    expect((await hub.api("DELETE", `${fleet}/environment_variables/RATE`)).json).toEqual({
      environment_variables: {},
    });
    await put("", { rate: "" });
    expect(seen(DEVICE).variables).toEqual({});
  });

  test("and values are kept as they come, also those that mean something to JavaScript", async () => {
    const name = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });
    const special = fc.constantFrom("__proto__", "constructor", "toString", "_sn", "$route", "a b", "ä/ö");
    const value = fc.string({ minLength: 1, maxLength: 300, unit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(fc.oneof(special, name), value, async (key, text) => {
        fc.pre(![".", ".."].includes(key));
        const { json } = await put(device, JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(text)}}`));
        const { environment_variables: kept } = json as { environment_variables: object };
        expect(Object.entries(kept)).toEqual([[key, text]]);
        expect(Object.entries(seen(DEVICE).variables)).toEqual([[key, text]]);
        const gone = await hub.api("DELETE", `${device}/environment_variables/${encodeURIComponent(key)}`);
        expect(gone.json).toEqual({ environment_variables: {} });
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ["numbers", { a: 1 }],
    ["null", { a: null }],
    ["a list", ["a"]],
    ["text", "a=b"],
    ["nothing", undefined],
    ["an empty name", { "": "x" }],
  ])("%s as variables are refused, and change nothing", async (_what, variables) => {
    const reply = await put(fleet, variables);
    expect(reply.status).toBe(400);
    expectOpenApi("Error", reply.json);
    expect((await hub.api("GET", `${fleet}/environment_variables`)).json).toEqual({
      environment_variables: {},
    });
  });
});

test("of two fleets the one joined last wins, and over both the device", async () => {
  await put(fleet, { v: "first", only: "first" });
  await put(`/fleets/${SECOND}`, { v: "second" });
  expect(seen(DEVICE).variables).toEqual({ v: "second", only: "first" });
  await put(device, { v: "own" });
  expect(seen(DEVICE).variables).toEqual({ v: "own", only: "first" });
});

describe("hierarchies", () => {
  const hierarchy = async (at: string) => {
    const { json } = await hub.api("GET", `${at}/environment_hierarchy`);
    expectOpenApi("EnvTreeJsonNode", json);
    return json;
  };
  const variable = (key: string, value: string, precedence: number) => {
    return { key, value, precedence, used: precedence === 1 };
  };

  test("tell level by level what is set, and which of it a device sees", async () => {
    await put("", { V: "project", far: "project" });
    const own = { type: "device", device_uid: DEVICE, var_count: 1, variables: [variable("v", "own", 1)] };
    expect(await hierarchy(device)).toMatchObject({
      ...{ type: "app", app_uid: PROJECT, var_count: 2, inherited_var_count: 0 },
      variables: [variable("V", "project", 4), variable("far", "project", 1)],
      children: [
        {
          ...{ type: "fleet", fleet_uid: FLEET, var_count: 2, inherited_var_count: 1 },
          variables: [variable("v", "first", 3), variable("only", "first", 1)],
          children: [{ ...own, inherited_var_count: 2 }],
        },
        {
          ...{ type: "fleet", fleet_uid: SECOND, var_count: 1, inherited_var_count: 1 },
          variables: [variable("v", "second", 2)],
          children: [{ ...own, inherited_var_count: 1 }],
        },
      ],
    });
  });

  test("are of a fleet, of the project, and of a device in no fleet too", async () => {
    expect(await hierarchy(fleet)).toMatchObject({
      variables: [variable("V", "project", 2), variable("far", "project", 1)],
      children: [{ fleet_uid: FLEET, variables: [variable("v", "first", 1), {}], children: [] }],
    });
    expect(await hierarchy("")).toMatchObject({ type: "app", var_count: 2, children: [] });
    expect(await hierarchy(`/devices/${OTHER}`)).toMatchObject({
      children: [{ type: "device", children: [] }],
    });
    for (const at of ["/devices/dev:none", "/fleets/fleet:none"]) {
      expect(await hub.api("GET", `${at}/environment_hierarchy`)).toMatchObject({ status: 404 });
    }
  });
});
