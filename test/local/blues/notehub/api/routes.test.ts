import { expect, test, vi } from "vitest";
import { moveNotes } from "../../../../../local/blues/note/sync-end.ts";
import { openFlash } from "../../../../../local/blues/notecard/flash/flash.ts";
import {
  DEVICE,
  FLEET,
  type HubUnderTest,
  hubUnderTest,
  PRODUCT,
  PROJECT,
  testTls,
} from "../support/hub-under-test.ts";
import { expectOpenApi } from "../support/openapi.ts";
import { startUpstream } from "../support/upstream.ts";

function send({ hub }: HubUnderTest, ...notefiles: string[]) {
  const flash = openFlash(":memory:", DEVICE);
  for (const name of notefiles) flash.notes.put(name, { body: { name } }, { time: 100, unsent: true });
  moveNotes(flash.sync.waiting().notes, flash.sync, hub.session(DEVICE).sync);
}

test("delivers the events that an HTTP route takes, with its headers, and tries again", async () => {
  let calls = 0;
  await using upstream = await startUpstream(await testTls(), (_seen, response) => {
    calls += 1;
    response.writeHead(calls === 1 ? 503 : 200).end("noted");
  });
  await using hub = await hubUnderTest();
  const http = {
    url: `${upstream.url}/in?x=1`,
    http_headers: { "X-Key": "s3cret" },
    filter: { type: "include", files: ["a*.qo"] },
    fleets: [FLEET],
  };
  const made = await hub.api("POST", "/routes", { label: "out", http });
  expect(made).toMatchObject({ status: 201, json: { label: "out", type: "http", http } });
  expectOpenApi("NotehubRoute", made.json);
  const elsewhere = { label: "no", http: { ...http, fleets: ["fleet:other"] } };
  await hub.api("POST", "/routes", elsewhere);
  const { uid } = made.json as { uid: string };

  send(hub, "other.qo", "a1.qo", "a2.qo");
  const logs = () => hub.api("GET", `/routes/${uid}/route-logs?sortOrder=asc`);
  await vi.waitFor(async () => expect((await logs()).json).toHaveLength(3), 5000);
  const { json } = await logs();
  expectOpenApi("RouteLogs", json);
  expect(json).toMatchObject([
    { attn: true, status: "503" },
    { attn: false, text: "noted" },
    { attn: false },
  ]);
  const [{ event_uid } = { event_uid: "" }] = json as { event_uid: string }[];
  expect((await hub.api("GET", `/events/${event_uid}/route-logs`)).json).toHaveLength(2);
  const bodies = upstream.seen.map(({ body }) => JSON.parse(body.toString()));
  expect(bodies.map(({ file }) => file)).toEqual(["a1.qo", "a1.qo", "a2.qo"]);
  expect(bodies[0]).toMatchObject({
    app: PROJECT,
    product: PRODUCT,
    device: DEVICE,
    body: { name: "a1.qo" },
  });
  expect(upstream.seen[0]).toMatchObject({
    method: "POST",
    target: "/in?x=1",
    headers: { "x-key": "s3cret" },
  });
});

test("changes and deletes routes, and keeps them over a restart", async () => {
  await using upstream = await startUpstream(await testTls(), (_seen, response) => response.end("{}"));
  const given = { alias: "files", url: "https://x.test", headers: { a: "s3cret" }, timeoutSeconds: 9 };
  await using hub = await hubUnderTest({ routes: [given] });
  const proxy = { alias: "mine", url: "https://y.test", http_headers: { b: "1" }, timeout: 5 };
  const { json } = await hub.api("POST", "/routes", { label: "mine", type: "proxy", proxy });
  const { uid } = json as { uid: string };
  const put = await hub.api("PUT", `/routes/${uid}`, { proxy: { url: upstream.url } });
  expect(put.json).toMatchObject({ label: "mine", proxy: { ...proxy, url: upstream.url } });
  await hub.restart();
  expect((await hub.api("GET", `/routes/${uid}`)).json).toEqual(put.json);
  const listed = await hub.api("GET", "/routes");
  expectOpenApi("GetRoutes", listed.json);
  expect(listed.json).toMatchObject([{ label: "files", type: "proxy" }, { label: "mine" }]);
  const ask = () => hub.hub.session(DEVICE).webRequest({ route: "mine", method: "GET", name: "/" });
  expect(await ask()).toMatchObject({ result: 200 });
  expect(await hub.api("DELETE", `/routes/${uid}`)).toMatchObject({ status: 204 });
  expect(await ask()).toHaveProperty("err");
  expect(await hub.api("GET", `/routes/${uid}`)).toMatchObject({ status: 404 });
});

test.each([
  [{ label: "no section" }],
  [{ type: "mqtt", mqtt: {} }],
  [{ http: { url: "ftp://x.test" } }],
  [{ http: { url: "https://x.test", http_headers: { "a b": "1" } } }],
  [{ http: { url: "https://x.test", http_headers: { a: "1\n2" } } }],
  [{ http: { url: "https://x.test", unknown: 1 } }],
  [{ type: "constructor" }],
  [[]],
])("refuses the route %j in Notehub's form", async (body) => {
  await using hub = await hubUnderTest();
  const reply = await hub.api("POST", "/routes", body);
  expect(reply.status).toBe(400);
  expectOpenApi("Error", reply.json);
});
