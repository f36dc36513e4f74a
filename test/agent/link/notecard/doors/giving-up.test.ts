import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../../../support/agent-under-test.ts";
import type { Stranger } from "../../../support/fake-card.ts";
import type { FakeNotecard, FakeRequest } from "../../../support/fake-notecard.ts";
import { patternedBytes } from "../../../support/patterned-bytes.ts";

const BYTES = patternedBytes(600_000);

const PAGE: Stranger = { status: 200, text: "<!doctype html><title>Sign in</title>" };
const MOVED: Stranger = { status: 301, text: "" };

const doorOf = ({ binary, offset }: FakeRequest) =>
  binary === true ? "binary" : offset === undefined ? "json" : "raw";

const doorsSince = ({ requests }: FakeNotecard, at: number) =>
  requests
    .slice(at)
    .filter(({ req }) => req === "web.get")
    .map(doorOf);

async function startAuto() {
  const device = await startDevice();
  const agent = device.start({ flags: ["--fetch", "auto"] });
  await agent.next("ready");
  const { fake } = device;
  return {
    fake,
    agent,
    root: device.root,
    /** Delivers another file, and tells the doors that were asked. */
    async deliver(bytes: Buffer, seed: number) {
      const before = fake.requests.length;
      fake.card.publish(`f${seed}`, Buffer.concat([bytes, Buffer.from(String(seed))]));
      await agent.next("installed");
      return doorsSince(fake, before);
    },
  };
}

describe("a stranger that answers for a while in the middle of 600 KB", () => {
  test.each<[string, Stranger, number]>([
    ["one sign-in page", PAGE, 1],
    ["one 301", MOVED, 1],
    ["two sign-in pages", PAGE, 2],
    ["three sign-in pages", PAGE, 3],
    ["three 301", MOVED, 3],
    ["five sign-in pages", PAGE, 5],
  ])("%s costs a few requests more, and moves the agent nowhere", async (_what, stranger, times) => {
    const { fake, agent, root } = await startAuto();
    let count = 0;
    fake.card.stranger = () => {
      count += 1;
      return count > 5 && count <= 5 + times ? stranger : undefined;
    };
    fake.card.publish("a.bin", BYTES);
    await agent.next("installed");
    expect((await readFile(path.join(root, "a.bin"))).equals(BYTES)).toBe(true);
    expect(fake.card.fetches).toBeLessThanOrEqual(10 + times + 3);
    expect(agent.events.some(({ event }) => event === "failed")).toBe(false);
    expect(doorsSince(fake, 0).at(-1)).toBe("binary");
  });

  test("a page at the very first request does not, either", async () => {
    const { fake, agent } = await startAuto();
    fake.card.stranger = () => (fake.card.fetches === 1 ? PAGE : undefined);
    fake.card.publish("a.bin", BYTES);
    await agent.next("installed");
    expect(fake.card.fetches).toBeLessThanOrEqual(14);
  });
});

describe("a door that a stranger answers at", () => {
  const SMALL = patternedBytes(3_000);
  const notByRange = ({ offset }: { req: string; offset?: unknown }) =>
    offset === undefined ? undefined : PAGE;

  test("is tried again at each delivery, and has been given up by none of them once it is served", async () => {
    const { fake, deliver } = await startAuto();
    for (const seed of [1, 2, 3, 4, 5]) {
      fake.card.stranger = notByRange;
      expect([...new Set(await deliver(SMALL, seed))]).toEqual(["binary", "raw", "json"]);
      fake.card.stranger = undefined;
      expect(await deliver(SMALL, 10 + seed)).toEqual(["binary"]);
    }
  });

  test("is looked for only once a delivery after three that had to do without it", async () => {
    const { fake, deliver } = await startAuto();
    fake.card.stranger = notByRange;
    const tries = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      const doors = await deliver(patternedBytes(60_000), seed);
      expect(doors.filter((door) => door === "json")).toHaveLength(11);
      tries.push(doors.filter((door) => door === "binary").length);
    }
    expect(tries).toEqual([4, 4, 4, 1, 1]);
    fake.card.stranger = undefined;
    expect(await deliver(SMALL, 6)).toEqual(["binary"]);
    fake.card.stranger = notByRange;
    expect(
      (await deliver(patternedBytes(60_000), 7)).filter((door) => door === "binary").length,
    ).toBeGreaterThan(1);
  });

  test("has nothing said against it where no door is served", async () => {
    const { fake, agent, deliver } = await startAuto();
    fake.card.stranger = () => PAGE;
    fake.card.publish("a.bin", SMALL);
    for (const _ of [1, 2, 3, 4]) await agent.next("failed");
    fake.card.stranger = undefined;
    await agent.next("installed");
    fake.card.stranger = notByRange;
    const doors = await deliver(patternedBytes(60_000), 1);
    expect(doors.filter((door) => door === "raw").length).toBeGreaterThan(1);
  });
});

describe("a door whose bytes come damaged, which is dear to find out", () => {
  const script = ({ req }: FakeRequest) =>
    req === "card.binary.get" ? { reply: { err: "there is nothing {bad-bin}" } } : undefined;

  test("is left for the rest of a delivery, and for good after three", async () => {
    const { fake, deliver } = await startAuto();
    fake.script = script;
    const tries = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      const doors = await deliver(patternedBytes(60_000), seed);
      tries.push(doors.filter((door) => door === "binary").length);
    }
    expect(tries).toEqual([3, 3, 3, 0, 0]);
  });
});
