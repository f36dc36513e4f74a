import { describe, expect, test } from "vitest";
import type { JsonSchema } from "../../../support/json-schema.ts";
import {
  PUBLISHED_CODES,
  PUBLISHED_REQUESTS,
  replyErrors,
  requestErrors,
  requestMembers,
} from "../../../support/notecard-schema.ts";
import { DEVICE, PRODUCT, testTls } from "../notehub/support/hub-under-test.ts";
import { startUpstream } from "../notehub/support/upstream.ts";
import { ask } from "./support/ask-by-schema.ts";
import { cardUnderTest } from "./support/card-under-test.ts";
import { openLine } from "./support/serial-line.ts";

const RAW = "application/octet-stream";

test("every published request of those there are schemas for is answered, by its schema", async () => {
  await using upstream = await startUpstream(await testTls(), ({ target }, response) => {
    if (target === "/json") response.end('{"a":1}');
    else response.writeHead(206, { "content-range": "bytes 0-2/9" }).end(Buffer.from([0, 10, 255]));
  });
  const route = { alias: "r", url: upstream.url, headers: {}, timeoutSeconds: 10 };
  await using under = await cardUnderTest({}, { routes: [route] });
  await under.note("file-update.qi", { name: "a" });
  const requests: Record<string, unknown>[] = [
    { req: "card.version" },
    { req: "card.status" },
    { req: "card.time" },
    { req: "hub.set", mode: "continuous", product: PRODUCT, sync: true, inbound: 60, outbound: 60, sn: "x" },
    { req: "hub.get" },
    { req: "hub.status" },
    { req: "hub.sync" },
    { req: "hub.sync", in: true },
    { req: "hub.sync.status" },
    { req: "hub.sync.status", sync: true },
    { req: "hub.signal" },
    { req: "env.get" },
    { req: "env.get", name: "a" },
    { req: "env.get", names: ["a", "b"] },
    { req: "env.modified" },
    { req: "env.modified", time: 99 },
    { req: "card.attn", mode: "arm,files", files: ["file-update.qi"] },
    { req: "card.attn", mode: "rearm,files", files: ["file-update.qi"] },
    { req: "card.attn" },
    { req: "card.attn", mode: "sleep", seconds: 60, payload: "AQID" },
    { req: "card.attn", start: true },
    { req: "card.attn", mode: "disarm,-all" },
    { req: "note.add", file: "a.qo", body: { n: 1 } },
    { req: "note.add", file: "a.dbx", note: "?", body: { n: 1 } },
    { req: "note.get", file: "file-update.qi" },
    { req: "note.get", file: "none.qi" },
    { req: "note.changes", file: "file-update.qi", tracker: "t", start: true, max: 1 },
    { req: "note.changes", file: "file-update.qi", max: -1 },
    { req: "card.attn", verify: true },
    { req: "file.changes" },
    { req: "file.changes", tracker: "t", files: ["file-update.qi"] },
    { req: "file.changes.pending" },
    { req: "web.get", route: "r", name: "/json" },
    { req: "web.get", route: "r", name: "/raw", content: RAW },
    { req: "web.get", route: "r", name: "/raw", content: RAW, binary: true, offset: 0, max: 3, seconds: 9 },
    { req: "card.binary" },
    { req: "card.binary.get", offset: 0, length: 3 },
    { req: "card.binary", delete: true },
    { req: "web.post", route: "r", name: "/json", body: { a: 1 } },
    { req: "web.post", route: "r", name: "/raw", payload: "AQID", content: RAW },
    { req: "web.put", route: "r", name: "/json", body: { a: 1 } },
    { req: "web.delete", route: "r", name: "/json" },
    { req: "web", method: "HEAD", route: "r", name: "/json" },
    { req: "card.binary.put", cobs: 4, status: "5289df737df57326fcdd22597afb1fac" },
    { req: "card.temp" },
    { req: "card.temp", minutes: 30 },
    { req: "card.voltage" },
    { req: "card.voltage", mode: "lipo", hours: 300, vmax: 4, vmin: 2.2, on: true },
    { req: "card.voltage", usb: true, alert: true, sync: true },
    { req: "card.location" },
    { req: "hub.log", text: "something is wrong!", alert: true, sync: true },
    { req: "note.template", file: "readings.qo", body: { new_vals: true, temperature: 14.1, pump: "4" } },
    { req: "note.template", file: "readings.qo", verify: true },
    { req: "note.add", file: "readings.qo", body: { temperature: 20.5 } },
    { req: "note.update", file: "my-settings.db", note: "measurements", body: { interval: 60 } },
    { req: "note.get", file: "my-settings.db", note: "measurements" },
    { req: "note.delete", file: "my-settings.db", note: "measurements" },
    { req: "file.stats" },
    { req: "file.stats", file: "readings.qo" },
    { req: "file.delete", files: ["my-settings.db"] },
    { req: "env.set", name: "monitor-pump", text: "on" },
    { req: "env.default", name: "sample-rate", text: "60", sync: true },
    { req: "dfu.status" },
    { req: "dfu.status", name: "card" },
    { req: "dfu.status", version: { version: "1.2.4" }, off: true },
    { req: "dfu.status", stop: true, err: "no", status: "no" },
    { req: "dfu.get", length: 32, offset: 32 },
    { req: "hub.set", mode: "dfu" },
    { req: "dfu.get", length: 0 },
    { req: "hub.set", mode: "dfu-completed" },
  ];
  for (const request of requests) {
    const { err = "" } = await ask(under, request);
    expect(err).not.toContain("{not-supported}");
    if (request.req === "card.binary.get") await under.host.line();
  }
  for (const req of ["card.restart", "card.restore"]) {
    await using line = await openLine(under.card.port);
    expect(replyErrors(req, await line.ask({ req }))).toEqual([]);
    await line.closed;
    requests.push({ req });
  }
  const asked = new Set(requests.map(({ req }) => req));
  expect(PUBLISHED_REQUESTS.filter((name) => !asked.has(name))).toEqual([]);
});

/** Values that a member's schema allows, its least among them. */
function samplesOf(name: string, schema: JsonSchema): unknown[] {
  if (schema.enum !== undefined) return schema.enum;
  const sample = STRINGS.get(name);
  if (sample !== undefined) return [sample];
  return [schema.type].flat().flatMap((type): unknown[] => {
    if (type === "boolean") return [false, true];
    if (type === "integer" || type === "number") return [schema.minimum ?? 0, 1, schema.maximum ?? 2];
    if (type === "string") return ["", "a"];
    return type === "array" ? [["a.qo"]] : [{}];
  });
}

const STRINGS = new Map<string, unknown>([
  ["file", "a.db"],
  ["payload", "AQID"],
  ["product", PRODUCT],
  ["files", ["a.qo"]],
  ["port", 1],
  ["note", "a"],
  ["name", "a"],
  ["route", "r"],
  ["status", "5289df737df57326fcdd22597afb1fac"],
]);

/** What a request needs besides, where a member alone says nothing. */
const BESIDES = new Map<string, Record<string, unknown>>([
  ["card.attn", { mode: "arm,files", files: ["a.qo"] }],
  ["card.binary.put", { cobs: 2 }],
  ["env.default", { name: "a" }],
  ["env.set", { name: "a" }],
  ["file.delete", { files: ["a.qo"] }],
  ["note.add", { body: {} }],
  ["note.changes", { file: "a.db" }],
  ["note.delete", { file: "a.db", note: "a" }],
  ["note.get", { note: "a" }],
  ["note.template", { file: "a.qo" }],
  ["note.update", { file: "a.db", note: "a", body: {} }],
  ["web", { route: "r", method: "GET" }],
  ["web.get", { route: "r" }],
  ["web.post", { route: "r" }],
]);

test("what is valid by its schema is never told as a mistake of syntax", async () => {
  await using under = await cardUnderTest({ settings: { mode: "off" } });
  const refused: string[] = [];
  for (const req of PUBLISHED_REQUESTS.filter((name) => !["card.restart", "card.restore"].includes(name))) {
    const besides = BESIDES.get(req) ?? {};
    const members = Object.entries(requestMembers(req));
    const requests = members.flatMap(([name, schema]) =>
      samplesOf(name, schema).map((value) => ({ req, ...besides, [name]: value })),
    );
    for (const request of [{ req, ...besides }, ...requests]) {
      if (requestErrors(request).length > 0) continue;
      const { err = "" } = await under.host.ask(request);
      if (String(err).includes("{syntax}")) refused.push(`${JSON.stringify(request)}: ${err}`);
      if (req === "card.binary.put" && err === "") await under.host.write("no packet\n");
    }
  }
  expect(refused).toEqual([]);
});

test.each([
  [{ req: "note.get", file: "a.db" }, "no note ID specified"],
  [{ req: "note.changes" }, "no notefile specified"],
  [{ req: "note.changes", file: "" }, "no notefile specified"],
  [{ req: "note.update", file: "a.db", body: {} }, "no note ID specified"],
  [{ req: "note.delete", note: "a" }, "no notefile specified"],
  [{ req: "note.template" }, "no notefile specified"],
  [{ req: "file.delete" }, "no notefiles were specified"],
  [{ req: "file.delete", files: [] }, "no notefiles were specified"],
  [{ req: "env.set", text: "a" }, "no name specified"],
  [{ req: "env.default" }, "no name specified"],
  [{ req: "web.get" }, "web request requires the alias for the notehub route to be used"],
  [{ req: "web.post", route: "" }, "web request requires the alias for the notehub route to be used"],
  [{ req: "web", route: "r" }, "no method specified"],
])("a missing argument is told in the Notecard's words: %j", async (request, words) => {
  await using under = await cardUnderTest();
  expect(await under.host.ask(request)).toEqual({ err: `${words} {syntax}` });
});

test("every code in an error is published, or one of the libraries' own", async () => {
  // note-go's `note/errors.go`, and what note-c and note-python look for.
  const libraries = [
    "io",
    "bad-bin",
    "not-supported",
    "syntax",
    "too-big",
    "not-json",
    "route-config",
    "route-timeout",
  ];
  await using under = await cardUnderTest();
  const refused = [
    { req: "nonsense" },
    { req: "hub.set", product: "com.other:one" },
    { req: "note.get", file: "no" },
    { req: "note.get", file: "none.qi" },
    { req: "note.get", file: "a.qo" },
    { req: "note.add", file: "a.qi", body: {} },
    { req: "note.add", file: "a.qo", note: "x", body: {} },
    { req: "note.add", file: "a.qo" },
    { req: "note.add", file: "a.qo", payload: Buffer.alloc(257).toString("base64") },
    { req: "note.changes", file: "none.qi" },
    { req: "note.changes", file: "file-update.qi", max: 0 },
    { req: "card.attn", mode: "fly" },
    { req: "card.attn", mode: "arm,files", files: ["a.qis"] },
    { req: "card.binary.get", offset: 1, length: 5 },
    { req: "env.get", time: 99_999_999_999 },
    { req: "note.update", file: "a.qo", note: "x", body: {} },
    { req: "note.update", file: "a.db", note: "x", payload: Buffer.alloc(257).toString("base64") },
    { req: "note.delete", file: "none.db", note: "x" },
    { req: "note.template", file: "a.qi", body: {} },
    { req: "file.delete", files: ["none.qo"] },
    { req: "file.stats", file: "none.qo" },
    { req: "dfu.get", length: 1 },
    { req: "web.get", route: "none", name: "/" },
    { req: "web.post", route: "none", body: {}, payload: "AQID" },
    { req: "web.post", route: "none", payload: "AQID", status: "0".repeat(32) },
  ];
  for (const request of refused) {
    const { err, ...rest } = await under.host.ask(request);
    expect(rest, JSON.stringify(request)).toEqual({});
    const [, code] = /\{([a-z-]+)\}$/.exec(String(err)) ?? [];
    expect([...PUBLISHED_CODES, ...libraries], `${JSON.stringify(request)}: ${err}`).toContain(code);
  }
});

describe("notes", () => {
  test("arrive in order, stay until they are deleted, and the emptied queue still exists", async () => {
    await using under = await cardUnderTest();
    expect((await ask(under, { req: "note.get", file: "file-update.qi" })).err).toContain(
      "{notefile-noexist}",
    );
    for (const name of ["a", "b", "c"]) await under.note("file-update.qi", { name });
    await under.until({ req: "file.changes" }, ({ total }) => total === 3);
    const get = (more = {}) => ask(under, { req: "note.get", file: "file-update.qi", ...more });
    expect(await get()).toMatchObject({ body: { name: "a" } });
    expect(await get({ delete: true })).toMatchObject({ body: { name: "a" } });
    expect(await get()).toMatchObject({ body: { name: "b" } });
    const { notes } = await ask(under, { req: "note.changes", file: "file-update.qi", delete: true });
    expect(Object.values(notes as object)).toMatchObject([{ body: { name: "b" } }, { body: { name: "c" } }]);
    expect((await get()).err).toContain("{note-noexist}");
  });

  test("bring the payload that they were given at Notehub [NF-10.2]", async () => {
    await using under = await cardUnderTest();
    const note = { body: { name: "a" }, payload: "AAECAw==" };
    await under.test.api("POST", `/devices/${DEVICE}/notes/file-update.qi`, note);
    await under.until({ req: "file.changes" }, ({ total }) => total === 1);
    const { notes } = await ask(under, { req: "note.changes", file: "file-update.qi" });
    expect(Object.values(notes as object)).toEqual([{ ...note, time: expect.any(Number) }]);
    expect(await ask(under, { req: "note.get", file: "file-update.qi" })).toMatchObject(note);
  });

  test("survive a restart of the Notecard and of Notehub", async () => {
    await using under = await cardUnderTest();
    await under.note("file-update.qi", { name: "a" });
    await under.until({ req: "file.changes" }, ({ total }) => total === 1);
    await under.host.write('{"req":"card.restart"}\n');
    expect((await under.host.line()).toString()).toBe("{}\r\n");
    await under.host.closed;
    expect(under.flash.notes.list("file-update.qi")).toMatchObject([{ body: { name: "a" } }]);
  });

  test("are shown once by a tracker, until it is reset or gone", async () => {
    await using under = await cardUnderTest();
    for (const name of ["a", "b", "c"]) await under.note("q.qi", { name });
    await under.until({ req: "file.changes" }, ({ total }) => total === 3);
    const changes = (more = {}) => ask(under, { req: "note.changes", file: "q.qi", tracker: "t", ...more });
    expect(await changes({ max: 2 })).toMatchObject({ changes: 3, total: 3 });
    expect(await ask(under, { req: "file.changes", tracker: "t" })).toMatchObject({ changes: 1, total: 3 });
    expect(Object.keys((await changes()).notes as object)).toHaveLength(1);
    expect(await changes()).toMatchObject({ changes: 0, notes: {} });
    expect(await changes({ reset: true })).toMatchObject({ changes: 3 });
    expect(await changes({ stop: true })).toMatchObject({ changes: 0 });
    expect(await changes()).toMatchObject({ changes: 3 });
  });

  test("go out with sync, and become events", async () => {
    await using under = await cardUnderTest();
    expect(await ask(under, { req: "note.add", file: "file-status.qo", body: { n: 1 } })).toEqual({
      total: 1,
    });
    expect(await ask(under, { req: "file.changes.pending" })).toMatchObject({ pending: true, total: 1 });
    await ask(under, { req: "note.add", file: "file-status.qo", body: { n: 2 }, sync: true });
    await under.until({ req: "file.changes.pending" }, (reply) => reply.pending === undefined);
    const { json } = await under.test.api("GET", "/events?files=file-status.qo");
    expect(json).toMatchObject({ events: [{ body: { n: 1 }, device: DEVICE }, { body: { n: 2 } }] });
  });

  test("of a local database stay, by their IDs", async () => {
    await using under = await cardUnderTest();
    const add = (note: string) =>
      ask(under, { req: "note.add", file: "a.dbx", note, body: { note }, sync: true });
    expect(await add("one")).toEqual({ total: 1 });
    expect((await add("one")).err).toContain("{note-exists}");
    const { note } = await add("?");
    expect(await ask(under, { req: "note.get", file: "a.dbx", note })).toMatchObject({ body: { note: "?" } });
    expect((await ask(under, { req: "note.get", file: "a.dbx", note: "no" })).err).toContain(
      "{note-noexist}",
    );
    expect((await under.test.api("GET", "/events")).json).toMatchObject({ events: [] });
  });

  test("stop at max", async () => {
    await using under = await cardUnderTest();
    const add = () => ask(under, { req: "note.add", file: "a.qo", body: {}, max: 2 });
    expect([await add(), await add()]).toEqual([{ total: 1 }, { total: 2 }]);
    expect((await add()).err).toContain("{note-max}");
  });

  test("take the binary buffer as their payload", async () => {
    await using under = await cardUnderTest();
    const bytes = Buffer.from([1, 2, 3]);
    await under.host.ask({ req: "card.binary.put", cobs: 4, status: "5289df737df57326fcdd22597afb1fac" });
    await under.host.write(Buffer.from([0x04 ^ 0x0a, 1 ^ 0x0a, 2 ^ 0x0a, 3 ^ 0x0a, 0x0a]));
    await ask(under, { req: "note.add", file: "a.qo", binary: true, live: true });
    expect(under.flash.notes.list("a.qo")).toMatchObject([{ payload: bytes.toString("base64") }]);
    expect((await ask(under, { req: "note.add", file: "a.qo", binary: true })).err).toContain(
      "{incompatible}",
    );
  });
});

describe("signals", () => {
  test("wait for the host, oldest first", async () => {
    await using under = await cardUnderTest();
    await under.until({ req: "hub.status" }, ({ connected }) => connected === true);
    for (const n of [1, 2]) await under.test.api("POST", `/devices/${DEVICE}/signal`, { body: { n } });
    expect(await ask(under, { req: "hub.signal" })).toEqual({ body: { n: 1 }, connected: true, signals: 1 });
    expect(await ask(under, { req: "hub.signal" })).toEqual({ body: { n: 2 }, connected: true });
    expect(await ask(under, { req: "hub.signal" })).toEqual({ connected: true });
  });
});
