import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createActions } from "../../../local/control/actions.ts";
import { DEVICE } from "../blues/notehub/support/hub-under-test.ts";
import { type DoorUnderTest, doorUnderTest, TOKEN } from "./support/door-under-test.ts";

let door: DoorUnderTest;
beforeAll(async () => {
  door = await doorUnderTest();
});
afterEach(async () => {
  for (const place of ["notehub", "serial", "route"]) {
    expect(await door.ask("DELETE", `/${place}/faults`)).toMatchObject({ status: 204, text: "" });
  }
});
afterAll(() => door[Symbol.asyncDispose]());

const callNotehub = () => door.blues.test.api("GET", "/devices");

describe("the door is closed", () => {
  const calls = "/notehub/calls";
  test.each<[string, Record<string, string | undefined>, number, string]>([
    ["to a name that resolves to this machine", { host: "evil.example:4605" }, 403, "wrong-host"],
    ["to another port", { host: "localhost:1" }, 403, "wrong-host"],
    ["to a Host without its port", { host: "localhost" }, 403, "wrong-host"],
    ["to a web page", { origin: "http://localhost:3000" }, 403, "browser"],
    ["to a page without an origin", { origin: "null" }, 403, "browser"],
    ["without a token", { authorization: undefined }, 401, "unauthorized"],
    ["with a token that is longer", { authorization: `Bearer ${TOKEN}x` }, 401, "unauthorized"],
    ["with another scheme", { authorization: `Basic ${TOKEN}` }, 401, "unauthorized"],
  ])("%s", async (_what, headers, status, code) => {
    const reply = await door.ask("GET", calls, undefined, headers);
    expect(reply).toMatchObject({ status, json: { code, message: expect.stringContaining(" ") } });
    expect(Object.keys(reply.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(reply.text).not.toContain(TOKEN);
  });

  test.each(["127.0.0.1", "LOCALHOST", "[::1]"])("but not to %s", async (name) => {
    const host = `${name}:${door.server.port}`;
    expect(await door.ask("GET", calls, undefined, { host })).toMatchObject({ status: 200 });
  });

  test("to a preflight", async () => {
    const origin = "https://example.com";
    const headers = { origin, "access-control-request-method": "POST", authorization: undefined };
    const reply = await door.ask("OPTIONS", "/serial/faults", undefined, headers);
    expect(reply.status).toBe(403);
    expect(reply.headers).not.toHaveProperty("access-control-allow-origin");
  });
});

describe("a request that makes no sense", () => {
  test.each<[string, string, unknown, number, string]>([
    ["GET", "/nothing", undefined, 404, "there is no /nothing"],
    ["GET", "/notehub/faults", undefined, 405, "takes POST, DELETE"],
    ["PATCH", "/events", undefined, 405, "takes GET"],
    ["POST", "/serial/faults", undefined, 400, "a JSON object whose kind"],
    ["POST", "/serial/faults", "[]", 400, "a JSON object whose kind"],
    ["POST", "/serial/faults", '{"kind":', 400, "not JSON"],
    ["POST", "/serial/faults", { kind: "slow" }, 400, "kind must be one of lose-request, "],
    ["POST", "/serial/faults", { kind: "heartbeat", calls: 1 }, 400, 'no member "calls"'],
    ["POST", "/serial/faults", { kind: "heartbeat", requests: 1001 }, 400, "requests must be a whole number"],
    ["POST", "/serial/faults", { kind: "corrupt-reply", share: 1 }, 400, "share must be from 0 to below 1"],
    ["POST", "/notehub/faults", { kind: "slow" }, 400, "slow needs milliseconds"],
    ["POST", "/notehub/faults", { kind: "slow", milliseconds: 1.5 }, 400, "milliseconds must be a whole"],
    ["POST", "/notehub/faults", { kind: "hang", method: "get" }, 400, "method must be GET, POST"],
    ["POST", "/notehub/faults", '{"kind":"hang","__proto__":{}}', 400, 'no member "__proto__"'],
    ["POST", "/notehub/faults", { kind: "hang", path: "" }, 400, "path must not be empty"],
    ["POST", "/notehub/faults", { kind: "hang", device: "1" }, 400, 'no member "device"'],
    ["POST", "/route/faults", { kind: "status", status: 99 }, 400, "status must be a whole number"],
    ["POST", "/route/faults", { kind: "status", status: 200, body: 1 }, 400, "body must be a string"],
    ["POST", "/route/faults", `"${"x".repeat(65_536)}"`, 413, "at most 65536 bytes"],
    ["POST", "/functions/nobody/kill", undefined, 404, "there are FileNotifierFunction, FileServerFunction"],
    ["POST", "/functions/%ff/kill", undefined, 400, "broken percent escape"],
    ["POST", "/functions/kill", undefined, 404, "there is no /functions/kill"],
  ])("%s %s %j is %i", async (method, path, body, status, sentence) => {
    const reply = await door.ask(method, path, body);
    expect(reply).toMatchObject({ status, json: { message: expect.stringContaining(sentence) } });
  });

  test("a wrong method is told which there are", async () => {
    expect((await door.ask("PUT", "/route/faults")).headers.allow).toBe("POST, DELETE");
  });
});

test("a fault of Notehub meets the calls that it says, and the calls are counted", async () => {
  const before = door.blues.test.hub.calls().total;
  const fault = { kind: "status", status: 503, calls: 1, method: "GET" };
  expect(await door.ask("POST", "/notehub/faults", fault)).toMatchObject({ status: 200, json: fault });
  expect((await callNotehub()).status).toBe(503);
  expect((await callNotehub()).status).toBe(200);
  const { json } = await door.ask("GET", "/notehub/calls");
  expect(json).toMatchObject({
    total: before + 2,
    calls: expect.arrayContaining([expect.objectContaining({ method: "GET", count: 2 })]),
  });
});

test("a Notehub that refuses connections is there again once it is cleared, however fast one follows the other", async () => {
  const { feed, blues } = door;
  const actions = createActions({
    notehub: blues.test.hub,
    devices: [],
    functions: [],
    iot: undefined,
    feed,
  });
  const { POST, DELETE } = actions["/notehub/faults"] ?? {};
  const request = (body?: unknown) => ({
    body,
    name: "",
    response: new ServerResponse(new IncomingMessage(new Socket())),
  });
  const slow = { kind: "slow", milliseconds: 1 };
  const before = blues.test.hub.calls().total;
  await POST?.(request({ kind: "hang" }));
  const cut = expect(callNotehub()).rejects.toThrow(); // its connection must be gone before Notehub listens again
  await vi.waitFor(() => expect(blues.test.hub.calls().total).toBe(before + 1));
  const done = Promise.all([
    POST?.(request({ kind: "refuse" })),
    POST?.(request(slow)),
    POST?.(request(slow)),
    DELETE?.(request()),
  ]);
  expect(await done).toHaveLength(4);
  await cut;
  expect((await callNotehub()).status).toBe(200);
  expect((await door.ask("POST", "/notehub/faults", { kind: "refuse" })).status).toBe(200);
  await expect(callNotehub()).rejects.toThrow();
});

test("faults of the serial line queue up, as many as it says", async () => {
  const { host } = door.blues;
  await door.ask("POST", "/serial/faults", { kind: "corrupt-reply", share: 0, requests: 2 });
  await door.ask("POST", "/serial/faults", { kind: "repeat-reply" });
  const begins: string[] = [];
  for (let asked = 0; asked < 4; asked += 1) {
    await host.write('{"req":"card.version"}\n');
    begins.push((await host.line()).toString().slice(0, 1));
  }
  expect(begins).toEqual(["z", "z", "{", "{"]);
  expect((await host.line()).toString()).toMatch(/^\{/); // the reply that came twice
});

const askRoute = () =>
  door.blues.test.hub.session(DEVICE).webRequest({ route: "files", method: "GET", name: "/" });

test("a fault of the route is what a web request gets", async () => {
  await door.ask("POST", "/route/faults", { kind: "status", status: 418, body: '{"a":1}', calls: 1 });
  expect(await askRoute()).toMatchObject({ result: 418, body: { a: 1 } });
  expect(await askRoute()).toMatchObject({ err: expect.stringContaining("{host-unreachable}") });
});

test("a fault is of the device, or of the path, that it names", async () => {
  const refused = { status: 404, json: { code: "unknown-device", message: expect.stringContaining("1") } };
  expect(await door.ask("POST", "/serial/faults", { kind: "heartbeat", device: "2" })).toMatchObject(refused);
  expect(await door.ask("POST", "/route/faults", { kind: "html", device: "dev:9" })).toMatchObject(refused);
  await door.ask("POST", "/serial/faults", { kind: "repeat-reply", device: DEVICE });
  expect(await door.blues.host.ask({ req: "card.version" })).toHaveProperty("version");
  expect((await door.blues.host.line()).toString()).toContain("version");
  await door.ask("POST", "/route/faults", { kind: "status", status: 418, device: "1", path: "/else" });
  expect(await askRoute()).toMatchObject({ err: expect.stringContaining("{host-unreachable}") });
  await door.ask("POST", "/route/faults", { kind: "status", status: 418, device: "1", path: "/" });
  expect(await askRoute()).toMatchObject({ result: 418 });
  await door.ask("POST", "/notehub/faults", { kind: "status", status: 503, path: "/fleets/" });
  expect((await callNotehub()).status).toBe(200);
});

test("DELETE takes faults away that have met nothing yet", async () => {
  await door.ask("POST", "/notehub/faults", { kind: "status", status: 503 });
  await door.ask("POST", "/serial/faults", { kind: "lose-reply", requests: 1000 });
  await door.ask("POST", "/route/faults", { kind: "html" });
  for (const place of ["notehub", "serial", "route"]) await door.ask("DELETE", `/${place}/faults`);
  expect((await callNotehub()).status).toBe(200);
  expect(await door.blues.host.ask({ req: "card.version" })).toHaveProperty("version");
  expect(await askRoute()).toMatchObject({ err: expect.stringContaining("{host-unreachable}") });
});

test("a function is killed by its name, or by that of its folder", async () => {
  for (const name of ["FileServerFunction", "file-server", "FileServer", "file%2Dserver"]) {
    const reply = await door.ask("POST", `/functions/${name}/kill`);
    expect(reply).toMatchObject({
      status: 200,
      json: { name: "FileServerFunction", killed: door.killed.length },
    });
  }
  expect(door.killed).toEqual(Array(4).fill("FileServerFunction"));
});

test("AWS IoT is ended and started again, and without one the door says how to have it", async () => {
  door.killed.length = 0;
  expect(await door.ask("POST", "/iot/kill")).toMatchObject({ status: 200, json: { name: "AWS IoT" } });
  expect(door.killed).toEqual(["iot"]);
  const { blues, feed } = door;
  const none = { notehub: blues.test.hub, devices: [], functions: [], iot: undefined, feed };
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const asked = createActions(none)["/iot/kill"]?.POST?.({ body: undefined, name: "", response });
  await expect(asked).rejects.toThrow("npm start -- --iot");
});
