import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { errorBody, RequestError } from "../../../../../protocol/errors.ts";
import { startDevice } from "../../../support/agent-under-test.ts";
import { patternedBytes } from "../../../support/patterned-bytes.ts";

const BYTES = patternedBytes(20_000);

const ours = (code: "file-not-found" | "file-changed" | "no-such-door" | "out-of-range") =>
  JSON.stringify(errorBody(new RequestError(code, "no")));
/** A rest that nobody has to wait for. */
const SOON = ["--rest", "0.02"];
const HTML = "<!doctype html><title>Sign in to Free_WiFi</title>";
const FOREIGN = JSON.stringify({ message: "Not Found", requestId: "8a6f" });

/** By range, whatever is no JSON shows; by number, a Notecard says only that it is none. */
const ROUTE = { range: "waits: route", number: "waits: route" };
const HIDDEN = { range: "waits: route", number: "repeated: damaged" };
const same = (what: string) => ({ range: what, number: what });

/** What answers, and what becomes of the announcement at a door for ranges and at the door for chunks by number. */
const MATRIX: [string, { status: number; text: string }, { range: string; number: string }][] = [
  ["301", { status: 301, text: "" }, ROUTE],
  ["301 with a page", { status: 301, text: HTML }, HIDDEN],
  ["302", { status: 302, text: "" }, ROUTE],
  ["302 with a page", { status: 302, text: HTML }, HIDDEN],
  ["401", { status: 401, text: JSON.stringify({ message: "Unauthorized" }) }, same("waits: unauthorized")],
  ["403", { status: 403, text: JSON.stringify({ Message: "Forbidden" }) }, same("waits: unauthorized")],
  [
    "404, our word for a file",
    { status: 404, text: ours("file-not-found") },
    same("discarded: file-not-found"),
  ],
  ["404, our word for a path", { status: 404, text: ours("no-such-door") }, ROUTE],
  ["404 with a page", { status: 404, text: HTML }, HIDDEN],
  ["404 of another service", { status: 404, text: FOREIGN }, ROUTE],
  ["404 without a word", { status: 404, text: "" }, ROUTE],
  ["412, our word", { status: 412, text: ours("file-changed") }, same("discarded: file-changed")],
  ["412 of another service", { status: 412, text: FOREIGN }, ROUTE],
  ["412 with a page", { status: 412, text: HTML }, HIDDEN],
  ["412 without a word", { status: 412, text: "" }, ROUTE],
  ["416 of another service", { status: 416, text: FOREIGN }, ROUTE],
  ["502", { status: 502, text: JSON.stringify({ message: "Bad Gateway" }) }, same("repeated: busy")],
  ["502 with a page", { status: 502, text: HTML }, { range: "repeated: busy", number: "repeated: damaged" }],
  ["200 with a page", { status: 200, text: HTML }, HIDDEN],
  ["200 with a page of the file's length", { status: 200, text: HTML.padEnd(BYTES.length) }, HIDDEN],
  ["200 of another service", { status: 200, text: FOREIGN }, HIDDEN],
];

const CASES = ["binary", "raw", "json"].flatMap((way) =>
  MATRIX.map(([what, answer, expected]) => {
    return [way, what, way === "json" ? expected.number : expected.range, answer] as const;
  }),
);

describe("what is not the file-server discards nothing [NF-2.3] [NF-6.4]", () => {
  test.each(CASES)("%s: %s: %s", async (way, _what, expected, answer) => {
    const { fake, root, start } = await startDevice();
    const { card } = fake;
    card.stranger = () => answer;
    card.publish("a.bin", BYTES);
    const agent = start({ flags: ["--fetch", way, ...SOON] });
    const [kind, reason] = expected.split(": ");
    if (kind === "discarded") {
      expect(await agent.next("discarded")).toMatchObject({ reason });
      await expect.poll(() => card.queue).toEqual([]);
      expect(card.fetches).toBe(1);
      card.publish("a.bin", BYTES);
    } else {
      if (kind === "repeated") expect(await agent.next("retrying")).toMatchObject({ reason });
      expect(await agent.next("failed")).toMatchObject({ reason, retrySeconds: expect.any(Number) });
      expect(agent.events.some(({ event }) => event === "retrying")).toBe(kind === "repeated");
      expect(card.queue).toHaveLength(1);
    }
    card.stranger = undefined;
    await agent.next("installed");
    expect((await readFile(path.join(root, "a.bin"))).equals(BYTES)).toBe(true);
    const states = () => card.receipts.map((receipt) => Object(receipt).state);
    await expect.poll(states).toEqual([kind === "discarded" ? "discarded" : "failed", "installed"]);
  });

  test.each(MATRIX.filter(([, , { range }]) => !range.startsWith("discarded")))(
    "auto, each door in turn: %s",
    async (_what, answer) => {
      const { fake, start } = await startDevice();
      fake.card.stranger = () => answer;
      fake.card.publish("a.bin", BYTES);
      const agent = start({ flags: ["--fetch", "auto", ...SOON] });
      await agent.next("failed");
      expect(fake.card.queue).toHaveLength(1);
      fake.card.stranger = undefined;
      await agent.next("installed");
    },
  );
});

describe("a 404 or 412 whose text the Notecard hides", () => {
  const byRange = (status: number) => (request: { req: string; offset?: unknown }) =>
    request.offset === undefined ? undefined : { status, text: "" };

  test.each(["binary", "raw"])("%s: is asked about by number before it is believed", async (way) => {
    for (const status of [404, 412]) {
      const { fake, start, end } = await startDevice();
      fake.card.stranger = byRange(status);
      fake.card.publish("a.bin", BYTES);
      const agent = start({ flags: ["--fetch", way, ...SOON] });
      expect(await agent.next("failed")).toMatchObject({ reason: "route" });
      expect(fake.card.served).toBe(1);
      fake.card.files.delete("a.bin");
      expect(await agent.next("discarded")).toMatchObject({ reason: "file-not-found" });
      await end();
    }
  });

  test("auto goes by number where the server has the file", async () => {
    const { fake, root, start } = await startDevice();
    fake.card.stranger = byRange(404);
    fake.card.publish("a.bin", BYTES);
    const agent = start({ flags: ["--fetch", "auto", ...SOON] });
    await agent.next("installed");
    expect((await readFile(path.join(root, "a.bin"))).equals(BYTES)).toBe(true);
    expect(agent.events.some(({ event }) => event === "failed")).toBe(false);
  });

  test("is not believed of a Notecard that cannot give the text either", async () => {
    const { fake, start } = await startDevice();
    fake.card.stranger = (request) =>
      request.offset === undefined ? undefined : { status: 412, text: ours("file-changed") };
    fake.script = ({ req }) =>
      req === "card.binary.get" ? { reply: { err: "nothing there {bad-bin}" } } : undefined;
    fake.card.publish("a.bin", BYTES);
    expect(await start({ flags: ["--fetch", "binary"] }).next("failed")).toMatchObject({ reason: "route" });
    expect(fake.card.queue).toHaveLength(1);
  });
});

test("a file of another length condemns the announcement only by the file-server's word", async () => {
  const { fake, start } = await startDevice();
  fake.script = ({ req, offset }) =>
    req === "web.get" && offset !== undefined
      ? { reply: { result: 206, payload: "AAAA", total: 3 } }
      : undefined;
  fake.card.publish("a.bin", BYTES);
  const agent = start({ flags: ["--fetch", "raw"] });
  expect(await agent.next("failed")).toMatchObject({ reason: "route", retrySeconds: expect.any(Number) });
  fake.script = undefined;
  await agent.next("installed");
});
