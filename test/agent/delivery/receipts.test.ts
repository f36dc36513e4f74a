import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createOutbox, MAX_UNSENT_REPORTS } from "../../../agent/delivery/outbox.ts";
import { LinkDown, type Report } from "../../../agent/link/link.ts";
import type { SaidAndUnsent } from "../../../agent/state/unsent-reports.ts";
import { formatInventory } from "../../../protocol/inventory.ts";
import type { Receipt } from "../../../protocol/receipt.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { sha256 } from "../support/fake-card.ts";

const adds = (requests: { req: string }[]) => requests.filter(({ req }) => req === "note.add").length;

describe("a receipt", () => {
  test("that the Notecard has no room for holds up nothing, and is queued later [NF-9.6]", async () => {
    const { fake, start } = await startDevice();
    fake.script = ({ req }) => (req === "note.add" ? { reply: { err: "the queue is full" } } : undefined);
    fake.card.publish("a.txt", Buffer.from("a"));
    const agent = start();
    await agent.next("installed");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(fake.card.receipts).toEqual([]);
    fake.script = undefined;
    fake.card.publish("b.txt", Buffer.from("b"));
    await agent.next("installed");
    await expect.poll(() => fake.card.receipts).toMatchObject([{ name: "a.txt" }, { name: "b.txt" }]);
  });

  test.each([
    ["leaves at once where the Notecard has a session", "continuous", ["note.add", "hub.sync"]],
    ["waits for the next session where it has none", "periodic", ["note.add"]],
  ])("%s", async (_what, mode, expected) => {
    const { fake, root, start } = await startDevice();
    fake.card.hub.mode = mode;
    await writeFile(path.join(root, "a.txt"), "a");
    fake.card.publish("a.txt", Buffer.from("a"));
    await start().next("unchanged"); // no download raises a session
    await expect.poll(() => fake.card.queue).toEqual([]);
    const after = fake.requests.slice(
      fake.requests.findLastIndex(({ req, body }) => req === "note.add" && Object(body).name === "a.txt"),
    );
    const sends = after.filter(({ req }) => req === "note.add" || req === "hub.sync");
    expect(sends.map(({ req }) => req)).toEqual(expected);
    expect(sends.slice(1)).toMatchObject(expected.slice(1).map(() => ({ out: true })));
  });

  test("that the Notecard can never take is given up", async () => {
    const { fake, start } = await startDevice();
    let refused = false;
    fake.script = ({ req, body }) => {
      if (req !== "note.add" || refused || Object(body).state === "inventory") return undefined;
      refused = true;
      return { reply: { err: "no such request {not-supported}" } };
    };
    fake.card.publish("a.txt", Buffer.from("a"));
    fake.card.publish("b.txt", Buffer.from("b"));
    start();
    await expect.poll(() => fake.card.receipts).toMatchObject([{ name: "b.txt" }]);
    expect(adds(fake.requests)).toBe(3); // the inventory at the start is one
  });

  test("is one of the newest, where many cannot be sent", async () => {
    const { outbox } = outboxOn(memory());
    for (let at = 0; at < MAX_UNSENT_REPORTS + 5; at += 1) outbox.add(receipt(`${at}`));
    const line = createLine();
    line.room = 0;
    await outbox.send(line);
    line.room = 2;
    await outbox.send(line);
    expect(line.names()).toEqual(["5", "6"]);
    line.room = 1000;
    await outbox.send(line);
    expect(line.names().slice(2)).toEqual(
      Array.from({ length: MAX_UNSENT_REPORTS - 2 }, (_, at) => `${at + 7}`),
    );
  });
});

const receipt = (name: string): Receipt => ({
  ...{ name, sha256: "x".repeat(43), state: "installed", bytes: 1, requests: 1 },
});

/** A disk that can be full, and keeps what was written as text, as a file does. */
function memory() {
  const disk = { text: '{"reports":[]}', full: false, writes: 0 };
  return {
    disk,
    read: async (): Promise<SaidAndUnsent> => JSON.parse(disk.text),
    async write(state: SaidAndUnsent) {
      if (disk.full) throw new Error("ENOSPC");
      disk.writes += 1;
      disk.text = JSON.stringify(state);
    },
  };
}

function outboxOn(disk: ReturnType<typeof memory>) {
  return { disk: disk.disk, outbox: createOutbox(disk, JSON.parse(disk.disk.text)) };
}

/** A link with so much room, and a clock. */
function createLine() {
  const line = {
    room: 1000,
    time: 1_700_000_000 as number | undefined,
    sent: [] as Report[],
    names: () => line.sent.flatMap((report) => ("name" in report ? report.name : [])),
    numbers: () => line.sent.map(({ n }) => n),
    now: async () => line.time,
    async report(report: Report) {
      if (line.room === 0) return false;
      line.room -= 1;
      line.sent.push(report);
      return true;
    },
  };
  return line;
}

describe("what is unsent", () => {
  test("is on disk, with its number, before it is given to a link, and outlives the agent [NF-9.6]", async () => {
    const disk = memory();
    const line = createLine();
    line.room = 0;
    const { outbox } = outboxOn(disk);
    outbox.add(receipt("a"));
    outbox.add(receipt("b"));
    await outbox.send(line);
    line.room = 9;
    const next = outboxOn(disk).outbox;
    await next.send(line);
    expect(line.names()).toEqual(["a", "b"]);
    expect(line.numbers()).toEqual([1_700_000_000_000, 1_700_000_000_001]);
    expect(JSON.parse(disk.disk.text).reports).toEqual([]);
  });

  test("given twice because the agent died in between, has the same number", async () => {
    const disk = memory();
    const { outbox } = outboxOn(disk);
    outbox.add(receipt("a"));
    const line = createLine();
    const dying = {
      ...line,
      async report(report: Report): Promise<boolean> {
        await line.report(report);
        throw new LinkDown("died");
      },
    };
    await expect(outbox.send(dying)).rejects.toThrow(LinkDown);
    await outboxOn(disk).outbox.send(line);
    expect(line.numbers()).toEqual([1_700_000_000_000, 1_700_000_000_000]);
  });

  test("is sent though the disk is full", async () => {
    const disk = memory();
    disk.disk.full = true;
    const { outbox } = outboxOn(disk);
    outbox.add(receipt("a"));
    const line = createLine();
    await outbox.send(line);
    expect(line.names()).toEqual(["a"]);
  });
});

describe("a report's number [NF-9.7]", () => {
  test("grows, whatever the clock does, and is at least the time", async () => {
    const { outbox } = outboxOn(memory());
    const line = createLine();
    for (const time of [1_700_000_000, 1_700_000_000, 5, undefined, 1_800_000_000]) {
      line.time = time;
      outbox.add(receipt("a"));
      await outbox.send(line);
    }
    expect(line.numbers()).toEqual([0, 1, 2, 3, 100_000_000_000].map((after) => 1_700_000_000_000 + after));
  });

  test("is not given by a new state before a time is known: it would be below those of the state before", async () => {
    const { outbox } = outboxOn(memory());
    const line = createLine();
    line.time = undefined;
    outbox.add(receipt("a"));
    await outbox.send(line);
    expect(line.sent).toEqual([]);
    line.time = 1_700_000_000;
    await outbox.send(line);
    expect(line.numbers()).toEqual([1_700_000_000_000]);
  });
});

describe("an inventory [NF-9.8]", () => {
  const inventory = (path: string) => {
    const { n: _, ...rest } = formatInventory([{ path, sha256: "x".repeat(43) }], 1);
    return rest;
  };

  test("that says what the last one said is told once a day, by starts of any number", async () => {
    const disk = memory();
    const line = createLine();
    for (const seconds of [0, 60, 3600, 86_000, 90_000]) {
      line.time = 1_700_000_000 + seconds;
      const { outbox } = outboxOn(disk);
      outbox.add(inventory("a"));
      await outbox.send(line);
    }
    expect(line.numbers()).toEqual([1_700_000_000_000, 1_700_090_000_000]);
  });

  test("of something else is told at once, and so is that of a state that never told any", async () => {
    const disk = memory();
    const line = createLine();
    for (const path of ["a", "b"]) {
      const { outbox } = outboxOn(disk);
      outbox.add(inventory(path));
      await outbox.send(line);
    }
    const { outbox } = outboxOn(memory());
    outbox.add(inventory("b"));
    await outbox.send(line);
    expect(line.sent).toHaveLength(3);
  });

  test("at the start says which files are there, of those that the agent installed", async () => {
    const { fake, root, start } = await startDevice();
    fake.card.publish("a.txt", Buffer.from("a"));
    fake.card.publish("b.txt", Buffer.from("b"));
    const agent = start();
    await agent.next("installed");
    await agent.next("installed");
    await expect.poll(() => fake.card.queue).toEqual([]);
    await agent.stop();
    await rm(path.join(root, "a.txt"));
    start();
    const short = sha256(Buffer.from("b")).slice(0, 8);
    await expect
      .poll(() => fake.card.reports.filter(({ state }) => state === "inventory"))
      .toMatchObject([
        { count: 0, files: [] },
        { count: 1, files: [["b.txt", short]] },
      ]);
  });
});

test("a Notecard that keeps what it was told to delete is not asked without a pause", async () => {
  const { fake, start } = await startDevice();
  fake.script = (request) => (request.delete === true ? { reply: { body: {} } } : undefined);
  fake.card.publish("a.txt", Buffer.from("a"));
  const agent = start();
  await agent.next("installed");
  await expect.poll(() => fake.requests.some((request) => request.delete === true)).toBe(true);
  await sleep(300);
  expect(fake.requests.filter((request) => request.delete === true)).toHaveLength(1);
  fake.script = undefined;
  fake.card.publish("b.txt", Buffer.from("b"));
  expect(await agent.next("installed")).toMatchObject({ name: "b.txt" });
  await expect.poll(() => fake.card.queue).toEqual([]);
});
