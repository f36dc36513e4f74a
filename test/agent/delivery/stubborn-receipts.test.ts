import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createOutbox } from "../../../agent/delivery/outbox.ts";
import { LinkDown, type Report } from "../../../agent/link/link.ts";
import type { Receipt } from "../../../protocol/receipt.ts";
import { thingDevice } from "../link/iot/support/thing-device.ts";
import { startDevice } from "../support/agent-under-test.ts";
import type { Stroke } from "../support/fake-notecard.ts";
import { filesOf } from "../support/fleet-device.ts";

const receipt = (name: string): Receipt => ({
  ...{ name, sha256: "x".repeat(43), state: "installed", bytes: 1, requests: 1 },
});
const nameOf = (report: Omit<Report, "n">) => ("name" in report ? String(report.name) : "");
const isBad = (name: unknown) => String(name).startsWith("bad");

/** An outbox on a disk that takes all, and a link that treats bad receipts as it is told. */
function outboxUnder(bad: () => Promise<boolean>) {
  const sent: string[] = [];
  const offered: string[] = [];
  const givenUp: string[] = [];
  const disk = { read: async () => ({ reports: [] }), write: async () => undefined };
  let time = 0;
  const outbox = createOutbox(
    disk,
    { reports: [] },
    { givenUp: (report) => void givenUp.push(nameOf(report)), now: () => time },
  );
  const line = {
    room: Number.POSITIVE_INFINITY,
    now: async () => 1_700_000_000,
    async report(report: Report) {
      const name = nameOf(report);
      offered.push(name);
      if (isBad(name)) return bad();
      if (sent.length >= line.room) return false;
      sent.push(name);
      return true;
    },
  };
  const add = (...names: string[]) => {
    for (const name of names) outbox.add(receipt(name));
  };
  /** A look at the queue, a minute after the one before. */
  const send = (afterMs = 60_000) => {
    time += afterMs;
    return outbox.send(line).catch((error) => expect(error).toBeInstanceOf(LinkDown));
  };
  return { outbox, line, add, send, sent, offered, givenUp };
}

const refuse = async () => false;
const breaks = async (): Promise<boolean> => {
  throw new LinkDown("it broke");
};

describe.each([
  ["refuses", refuse],
  ["breaks at", breaks],
])("three receipts that a link always %s", (_, bad) => {
  test("do not hold up the others, whatever is queued when [NF-9.6]", async () => {
    const { add, send, sent } = outboxUnder(bad);
    add("bad 1", "bad 2", "bad 3", "a", "b", "c");
    for (let pass = 0; pass < 5; pass += 1) await send();
    expect(sent).toEqual(["a", "b", "c"]);
    add("d");
    await send();
    expect(sent).toEqual(["a", "b", "c", "d"]);
  });

  test("are given up once others have left again and again while they did not [NF-9.6]", async () => {
    const { add, send, sent, offered, givenUp } = outboxUnder(bad);
    add("bad 1", "bad 2", "bad 3");
    const good = Array.from({ length: 40 }, (_, at) => `good ${at}`);
    for (const name of good) {
      add(name);
      await send();
    }
    expect(sent).toEqual(good);
    expect(givenUp.toSorted()).toEqual(["bad 1", "bad 2", "bad 3"]);
    const { length } = offered;
    await send();
    expect(offered).toHaveLength(length);
  });

  test("stay as long as nothing shows that others leave", async () => {
    const { add, send, givenUp } = outboxUnder(bad);
    add("bad 1", "bad 2", "bad 3");
    for (let pass = 0; pass < 50; pass += 1) await send();
    expect(givenUp).toEqual([]);
  });
});

test("a link without room is offered two receipts at a time, and takes all in their order once it has room", async () => {
  const { line, add, send, sent, offered, givenUp } = outboxUnder(refuse);
  const names = Array.from({ length: 20 }, (_, at) => `${at}`);
  add(...names);
  line.room = 3;
  await send();
  offered.length = 0;
  for (let pass = 0; pass < 20; pass += 1) await send();
  expect(offered.length).toBeLessThanOrEqual(40);
  line.room = 100;
  await send();
  expect(sent).toEqual(names);
  expect(givenUp).toEqual([]);
});

test("a receipt that breaks the link each time, and is the only one, lets the agent do other work between", async () => {
  const { add, send, offered } = outboxUnder(breaks);
  add("bad");
  for (let pass = 0; pass < 60; pass += 1) await send(1_000);
  expect(offered.length).toBeLessThanOrEqual(7); // of which three at once
});

/** Leaves reports for the next run of an agent to send. */
async function leave(state: string, unsent: readonly Omit<Report, "n">[]): Promise<void> {
  const n = 1_700_000_000_000;
  const reports = unsent.map((report, at) => ({ ...report, n: n + at }));
  await mkdir(state, { mode: 0o700 });
  await writeFile(path.join(state, "unsent.json"), JSON.stringify({ version: 1, n: n + 9, reports }));
}

test.each<[string, Stroke]>([
  ["refuses", { reply: { err: "the body is not as its template says {template-body}" } }],
  ["breaks at", { hangUp: true }],
])("files and other receipts come by a Notecard that %s three receipts", async (_, stroke) => {
  const device = await startDevice();
  const { card } = device.fake;
  await leave(device.state, ["bad\n1", "bad\u20282", "bad 3", "other"].map(receipt));
  device.fake.script = ({ req, body }) =>
    req === "note.add" && isBad(Object(body).name) ? stroke : undefined;
  card.publish("a.txt", Buffer.from("a"));
  const agent = device.start();
  await agent.next("installed");
  const names = () => card.receipts.flatMap((each) => Object(each).name ?? []);
  await expect.poll(names, { timeout: 20_000 }).toEqual(expect.arrayContaining(["other", "a.txt"]));
  expect(names().filter(isBad)).toEqual([]);
});

test("files and other receipts come to and from a thing that has receipts which are too long for AWS IoT", async () => {
  const device = await thingDevice();
  const files = Array.from({ length: 200 }, (_, at) => [`${at}`.padStart(900, "x"), "12345678"]);
  const long = (at: string) => ({ state: "inventory" as const, count: 200, digest: at.repeat(43), files });
  await leave(device.state, [long("a"), long("b"), long("c"), receipt("other")] as Receipt[]);
  const { job } = await device.target().announce(filesOf(1));
  const agent = device.start();
  await agent.next("brought");
  await device.expectEnd(job, "SUCCEEDED", 30_000);
  const told = device.receipts();
  expect(told.filter(({ count }) => count === 200)).toEqual([]);
  expect(told).toContainEqual(expect.objectContaining({ name: "other" }));
  expect(await readFile(path.join(device.root, "app/file-0.py"))).toEqual(filesOf(1)["app/file-0.py"]);
});
