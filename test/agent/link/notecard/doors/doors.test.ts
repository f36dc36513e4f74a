import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { formatChunkRequest } from "../../../../../protocol/chunk-request.ts";
import { REQUEST_NAME_MAX_CHARS } from "../../../../../protocol/limits.ts";
import { type Device, startDevice } from "../../../support/agent-under-test.ts";
import type { FakeRequest, Stroke } from "../../../support/fake-notecard.ts";
import { etagOf } from "../../../support/fake-server.ts";
import { patternedBytes } from "../../../support/patterned-bytes.ts";

const BYTES = patternedBytes(100_001);

/** Delivers a file by a way, and tells by which doors it was fetched. */
async function fetchBy(way: string, script: (request: FakeRequest) => Stroke | undefined, bytes = BYTES) {
  const device = await startDevice();
  device.fake.script = script;
  device.fake.card.publish("a.bin", bytes);
  const agent = device.start({ flags: ["--fetch", way, "--rest", "3600"] });
  const installed = await agent.next("installed");
  expect((await readFile(path.join(device.root, "a.bin"))).equals(bytes)).toBe(true);
  const reasons = agent.events.flatMap((event) => (event.event === "retrying" ? [event.reason] : []));
  return { device, installed, reasons, doors: doorsOf(device) };
}

function doorsOf({ fake }: Device): string[] {
  const doors = fake.requests
    .filter(({ req }) => req === "web.get")
    .map(({ binary, offset }) => (binary === true ? "binary" : offset === undefined ? "json" : "raw"));
  return doors.filter((door, at) => door !== doors[at - 1]);
}

const toBinary = ({ req, binary }: FakeRequest) => req === "web.get" && binary === true;
const slice = ({ req }: FakeRequest) => req === "card.binary.get";
const onePieceAtATime = (request: FakeRequest) => {
  if (request.offset !== undefined && request.req === "web.get") request.max = 1;
  return undefined;
};
const damage = (line: Buffer) => {
  line[line.length - 100] = (line.at(-100) ?? 0) ^ 0x40;
  return line;
};

describe("auto goes on to the next way", () => {
  test.each<[string, number, (request: FakeRequest) => Stroke | undefined]>([
    [
      "at once if the Notecard knows no such request",
      0,
      (request) => (toBinary(request) ? { reply: { err: "no such thing {not-supported}" } } : undefined),
    ],
    [
      "at once if its fields are refused",
      0,
      (request) => (toBinary(request) ? { reply: { err: "binary: not now {incompatible}" } } : undefined),
    ],
    [
      "when it is refused for no known reason, three times",
      2,
      (request) => (toBinary(request) ? { reply: { err: "binary: unexpected" } } : undefined),
    ],
    [
      "when the buffer cannot be read, three times",
      2,
      (request) => (slice(request) ? { reply: { err: "there is nothing {bad-bin}" } } : undefined),
    ],
    ["when packets are always damaged", 2, (request) => (slice(request) ? { mangle: damage } : undefined)],
    [
      "when no byte comes",
      2,
      (request) => (toBinary(request) ? { reply: { result: 206, length: 0 } } : undefined),
    ],
  ])("%s", async (_what, retries, script) => {
    const { doors, reasons } = await fetchBy("auto", script);
    expect(doors).toEqual(["binary", "raw"]);
    expect(reasons).toHaveLength(retries);
  });

  test("when it was served, and three requests in a row are rejected; and asks again now and then", async () => {
    let count = 0;
    const { doors, reasons } = await fetchBy("auto", (request) =>
      toBinary(request) && ++count > 1 ? { reply: { result: 400 } } : undefined,
    );
    // 65,536 bytes at once and then five times 8192: after one and after two of these it is tried again.
    const tries = ["binary", "raw", "binary", "raw", "binary", "raw"];
    expect({ doors, reasons, count }).toEqual({ doors: tries, reasons: [], count: 6 });
  });

  test("and to the last, where ranges come in pieces that are not worth a request", async () => {
    const bytes = BYTES.subarray(0, 3_000);
    const { device, doors } = await fetchBy("auto", onePieceAtATime, bytes);
    expect(doors).toEqual(["binary", "raw", "json"]);
    expect(device.fake.card.fetches).toBeLessThan(20);
  });

  test("and to the last, where no range is served", async () => {
    const { doors } = await fetchBy("auto", ({ req, offset }) =>
      req === "web.get" && offset !== undefined ? { reply: { err: "{syntax}" } } : undefined,
    );
    expect(doors).toEqual(["binary", "raw", "json"]);
  });
});

describe("auto stays where it is", () => {
  test.each<[string, Stroke, string]>([
    ["without a connection", { reply: { err: "web operations require being online (hub.set)" } }, "offline"],
    ["without a network", { reply: { err: "lost it {network}" } }, "offline"],
    ["in a time-out", { reply: { err: "{route-timeout}" } }, "timeout"],
    ["before a busy server", { reply: { result: 503, body: { retry: 0 } } }, "busy"],
  ])("%s, four times", async (_what, stroke, reason) => {
    let left = 4;
    const script = (request: FakeRequest) => (toBinary(request) && left-- > 0 ? stroke : undefined);
    const { doors, reasons } = await fetchBy("auto", script);
    expect({ doors, reasons }).toEqual({ doors: ["binary"], reasons: Array(4).fill(reason) });
  });

  test("when a reply is damaged now and then, never three times in a row", async () => {
    let count = 0;
    const { doors, reasons } = await fetchBy("auto", (request) =>
      toBinary(request) && count++ % 3 < 2 ? { reply: { result: 206, length: 0 } } : undefined,
    );
    expect({ doors, reasons: reasons.length }).toEqual({ doors: ["binary"], reasons: 4 });
  });

  test("when it was served, and is refused for no known reason afterwards", async () => {
    let count = 0;
    const { doors } = await fetchBy("auto", (request) =>
      toBinary(request) && count++ > 0 && count < 6 ? { reply: { err: "binary: unexpected" } } : undefined,
    );
    expect(doors).toEqual(["binary"]);
  });

  test("when it was served, and a request is rejected now and then", async () => {
    let count = 0;
    const { device, doors, reasons } = await fetchBy("auto", (request) =>
      toBinary(request) && [2, 3].includes(++count) ? { reply: { result: 400 } } : undefined,
    );
    expect({ doors, reasons }).toEqual({ doors: ["binary"], reasons: [] });
    expect(device.fake.card.receipts).not.toContainEqual(expect.objectContaining({ state: "failed" }));
  });

  test("though somebody before left a spoilt buffer", async () => {
    const { doors } = await fetchBy("auto", ({ req, delete: emptied }) =>
      req === "card.binary" && emptied !== true
        ? { reply: { err: "the last packet was not as announced {bad-bin}", max: 130_554 } }
        : undefined,
    );
    expect(doors).toEqual(["binary"]);
  });
});

test("pieces that are not worth a request end a delivery which has no other way", async () => {
  const { fake, start } = await startDevice();
  fake.script = onePieceAtATime;
  fake.card.publish("a.bin", BYTES.subarray(0, 3_000));
  const agent = start({ flags: ["--fetch", "raw", "--rest", "3600"] });
  expect(await agent.next("failed")).toMatchObject({ reason: "damaged" });
  expect(fake.card.fetches).toBeLessThan(20);
});

describe("a range that is answered by its first part [NF-5.6]", () => {
  test.each(["binary", "raw"])("is taken, and the rest is asked for: %s", async (way) => {
    const bytes = BYTES.subarray(0, 20_000);
    const { device, installed, reasons } = await fetchBy(
      way,
      (request) => {
        if (request.req === "web.get") request.max = Math.min(Number(request.max), 3_000);
        return undefined;
      },
      bytes,
    );
    expect({ reasons, installed }).toMatchObject({ reasons: [], installed: { bytes: 20_000, requests: 7 } });
    expect(device.fake.card.served).toBe(20_000);
  });

  test("is not more than was asked for, though the file has more", async () => {
    let left = 1;
    const reply = { result: 206, payload: Buffer.alloc(9_000).toString("base64") };
    const { reasons } = await fetchBy("raw", ({ req }) =>
      req === "web.get" && left-- > 0 ? { reply } : undefined,
    );
    expect(reasons).toEqual(["damaged"]);
  });

  test.each<[string, object]>([
    ["none of it", { result: 206, payload: "" }],
    ["more than there is", { result: 206, payload: Buffer.alloc(11).toString("base64") }],
    ["what is no base64", { result: 206, payload: "AAA" }],
  ])("is not what gives %s", async (_what, reply) => {
    let left = 1;
    const { reasons } = await fetchBy(
      "raw",
      ({ req }) => (req === "web.get" && left-- > 0 ? { reply } : undefined),
      BYTES.subarray(0, 10),
    );
    expect(reasons).toEqual(["damaged"]);
  });
});

test("a Notecard that makes no web requests at all is not called offline", async () => {
  const { fake, start } = await startDevice();
  fake.script = ({ req }) =>
    req === "web.get" ? { reply: { err: "not in this mode {not-supported}" } } : undefined;
  fake.card.publish("a.bin", Buffer.from("x"));
  expect(await start().next("failed")).toMatchObject({ reason: "rejected" });
});

test("a code that is a word of the language is a code like any other", async () => {
  const { fake, start } = await startDevice();
  let left = 1;
  fake.script = ({ req }) =>
    req === "web.get" && left-- > 0 ? { reply: { err: "{constructor}" } } : undefined;
  fake.card.publish("a.bin", Buffer.from("x"));
  const agent = start();
  expect(await agent.next("retrying")).toMatchObject({ reason: "offline" });
  await agent.next("installed");
});

describe("chunks by number", () => {
  const chunkSize = ({ name }: FakeRequest) => Number(/size=(\d+)/.exec(String(name))?.[1]);

  test("of a size without small divisors become smaller after time-outs", async () => {
    const { fake, root, start } = await startDevice();
    let left = 2;
    fake.script = ({ req }) =>
      req === "web.get" && left-- > 0 ? { reply: { err: "{route-timeout}" } } : undefined;
    const bytes = BYTES.subarray(0, 12_000);
    fake.card.publish("a.bin", bytes);
    await start({ flags: ["--chunk-size", "5999"] }).next("installed");
    expect((await readFile(path.join(root, "a.bin"))).equals(bytes)).toBe(true);
    const sizes = fake.requests.filter(({ req }) => req === "web.get").map(chunkSize);
    expect(sizes.slice(0, 3)).toEqual([5999, 2000, 1000]);
    expect(fake.card.served).toBe(12_000);
  });

  test("never have a request longer than a Notecard can make [NF-1.5]", async () => {
    const { fake, start } = await startDevice();
    const bytes = BYTES.subarray(0, 50_000);
    // 17 chunks of 3000 bytes, and 134 of 375, have a digit more than there is room for.
    const lengthWith = (key: string) =>
      formatChunkRequest({ key, chunk: 9, size: 6000, etag: etagOf(bytes) }).length;
    const key = "k".repeat(REQUEST_NAME_MAX_CHARS - lengthWith(""));
    let left = 4;
    fake.script = ({ req }) =>
      req === "web.get" && left-- > 0 ? { reply: { err: "{route-timeout}" } } : undefined;
    fake.card.publish(key, bytes);
    await start().next("installed");
    const names = fake.requests.filter(({ req }) => req === "web.get").map(({ name }) => String(name));
    expect(Math.max(...names.map(({ length }) => length))).toBe(REQUEST_NAME_MAX_CHARS);
    expect(names.some((name) => name.includes("size=750"))).toBe(true);
  });
});
