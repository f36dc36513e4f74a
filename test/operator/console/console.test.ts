import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConsoleUnderTest, firstLines, startConsoleUnderTest } from "./support/console-under-test.ts";

const DEVICE = "dev:864475046552567";

let under: ConsoleUnderTest;
beforeAll(async () => {
  under = await startConsoleUnderTest();
}, 60_000);
afterAll(() => under.stop());

test("every page is the page, with a policy that runs nothing inline and nothing of others", async () => {
  for (const path of ["/", "/device?id=dev:1", "/no/such/page", "/..%2f..%2fpackage.json"]) {
    const { status, headers, text } = await under.ask("GET", path, { headers: { authorization: undefined } });
    expect({ path, status }).toEqual({ path, status: 200 });
    expect(text).toContain("<title>Noteferry</title>");
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
    expect(headers["content-security-policy"]).toMatch(
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  }
  for (const path of ["/page.js", "/page.css", "/icon.svg"])
    expect((await under.ask("GET", path)).headers["content-security-policy"]).toBeDefined();
});

test("no key of AWS, and no token of the deployment, is in anything that the page gets", async () => {
  const texts = [
    (await under.ask("GET", "/page.js")).text,
    JSON.stringify(await firstLines(under.origin, "/api/start", under.token, 1)),
    (await under.ask("GET", "/api/targets?q=")).text,
  ];
  for (const text of texts) expect(text).not.toMatch(/operator-secret|AKIDOPERATOR|t0ken-that-nobody/);
});

test("the API is closed to whoever has no token, or comes from elsewhere", async () => {
  const refusals: [string, Record<string, string | undefined>, number][] = [
    ["/api/start", { authorization: undefined }, 401],
    ["/api/start", { host: "evil.example" }, 403],
    ["/api/start", { origin: "http://evil.example" }, 403],
    ["/", { host: "evil.example" }, 403],
  ];
  for (const [path, headers, status] of refusals)
    expect((await under.ask("GET", path, { headers })).status).toBe(status);
  expect((await under.ask("POST", "/api/redrive", { headers: { origin: undefined } })).status).toBe(403);
  expect((await under.ask("GET", "/api/redrive")).status).toBe(404);
  expect((await under.ask("POST", "/")).status).toBe(405);
});

test("a link opens the console once, and nobody may ask for that from another page", async () => {
  const invitation = new URL(under.link()).hash.slice(1);
  const body = JSON.stringify({ invitation });
  const bare = { authorization: undefined };
  const foreign = await under.ask("POST", "/api/session", {
    headers: { ...bare, origin: "http://evil.example" },
    body,
  });
  expect(foreign.status).toBe(403);
  const first = await under.ask("POST", "/api/session", { headers: bare, body });
  const { session } = JSON.parse(first.text);
  expect(session).toMatch(/^[\w-]{32}$/);
  const start = await firstLines(under.origin, "/api/start", session, 1);
  expect(start).toMatchObject([{ view: { local: true } }]);
  expect((await under.ask("POST", "/api/session", { headers: bare, body })).status).toBe(401);
});

test.each([
  ["POST", "/api/session", "{}"],
  ["POST", "/api/session", "no JSON"],
  ["POST", "/api/plan", JSON.stringify({ to: "nobody", folder: "", files: [] })],
  ["POST", "/api/plan", JSON.stringify({ to: "", folder: "", files: [{ path: "a", bytes: -1 }] })],
  ["POST", "/api/plan", "x".repeat(5 * 1024 ** 2)],
  ["POST", "/api/rollback", JSON.stringify({ key: 1 })],
  ["POST", "/api/retry", JSON.stringify({ device: DEVICE })],
  ["GET", "/api/rollback?key=a", undefined],
  ["GET", `/api/file?key=${"k".repeat(2000)}`, undefined],
  ["PUT", "/api/upload", ""],
])("what cannot be read is refused in a sentence: %s %s", async (method, path, body) => {
  const { status, text } = await under.ask(method, path, body === undefined ? {} : { body });
  expect({ status, problem: JSON.parse(text).problem }).toEqual({
    status: 400,
    problem: expect.stringMatching(/ /),
  });
});

test("a page of a list that nobody gave is refused, and the list goes on", async () => {
  const forged = Buffer.from(JSON.stringify({ places: [["a", "b", "c"]] })).toString("base64url");
  for (const after of ["x", forged])
    expect(await firstLines(under.origin, `/api/devices?after=${after}`, under.token, 1)).toEqual([
      { problem: expect.stringContaining("begin with the first"), mayPass: false },
    ]);
});

test("hostile names and reasons pass as the text that they are", async () => {
  const hostile = `<img src=x onerror=alert(1)>\u202e"'&`;
  const at = Date.now();
  const announced = { key: hostile, versionId: "v", sha256: "A".repeat(43), etag: "e", size: 1, at };
  const reported = {
    ...{ key: hostile, n: at, sha256: "A".repeat(43), state: "failed" as const, reason: hostile },
    ...{ bytes: 1, requests: 1, at },
  };
  const { fileItem } = await import("../../../protocol/delivery-items.ts");
  const value = { device: DEVICE, path: hostile, announced, reported };
  await under.services.table.putOver(fileItem({ value, revision: 0 }, undefined));
  const [line] = await firstLines(under.origin, `/api/device?id=${DEVICE}`, under.token, 1);
  expect(line).toMatchObject({
    view: { files: [{ path: hostile, key: hostile, state: "failed", reason: hostile }] },
  });
  const file = `/api/file?key=${encodeURIComponent(hostile)}`;
  expect(await firstLines(under.origin, file, under.token, 1)).toMatchObject([
    { view: { key: hostile, states: [["failed", 1]], lines: [{ device: DEVICE, path: hostile }] } },
  ]);
  const reply = await under.ask("GET", "/api/nothing");
  expect(reply.headers["content-type"]).toBe("application/json"); // never as markup
});

test("none of that was a fault of the console", () => {
  expect(under.faults).toEqual([]);
});
