import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createOutbox, MAX_UNSENT_RECEIPTS } from "../../../agent/delivery/outbox.ts";
import type { Receipt } from "../../../protocol/receipt.ts";
import { startDevice } from "../support/agent-under-test.ts";

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

  test("that the Notecard can never take is given up", async () => {
    const { fake, start } = await startDevice();
    let refused = false;
    fake.script = ({ req }) => {
      if (req !== "note.add" || refused) return undefined;
      refused = true;
      return { reply: { err: "no such request {not-supported}" } };
    };
    fake.card.publish("a.txt", Buffer.from("a"));
    fake.card.publish("b.txt", Buffer.from("b"));
    start();
    await expect.poll(() => fake.card.receipts).toMatchObject([{ name: "b.txt" }]);
    expect(adds(fake.requests)).toBe(2);
  });

  test("is one of the newest, where many cannot be sent", async () => {
    const outbox = createOutbox();
    const receipt = (at: number): Receipt => ({
      ...{ name: `${at}`, sha256: "", state: "installed", bytes: at, requests: 1 },
    });
    for (let at = 0; at < MAX_UNSENT_RECEIPTS + 5; at += 1) outbox.add(receipt(at));
    const sent: number[] = [];
    await outbox.send({ report: async () => false });
    await outbox.send({ report: async ({ bytes }) => sent.push(bytes) <= 2 });
    expect(sent).toEqual([5, 6, 7]); // the third was not taken
    await outbox.send({ report: async ({ bytes }) => sent.push(bytes) > 0 });
    expect(sent.slice(3)).toEqual(Array.from({ length: MAX_UNSENT_RECEIPTS - 2 }, (_, at) => at + 7));
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
