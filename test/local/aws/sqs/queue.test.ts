import { describe, expect, onTestFinished, test } from "vitest";
import { openQueues, UnknownQueue } from "../../../../local/aws/sqs/queues.ts";
import { localQueues, QUEUES, queueFile } from "./support/local-queues.ts";

/** A clock that stands still until it is moved. */
function handClock() {
  let now = 1_795_000_000_000;
  return Object.assign(() => now, {
    advance(seconds: number) {
      now += seconds * 1000;
    },
  });
}

test("a message is received once, with what SQS tells of it", async () => {
  const clock = handClock();
  const queue = (await localQueues({ clock })).get("work");
  const attributes = { kind: { DataType: "String", StringValue: "s" } };
  const { messageId } = await queue.send("body: é", attributes);
  const sentTimestamp = clock();
  clock.advance(2);
  expect(await queue.receive()).toEqual([
    {
      messageId,
      receiptHandle: expect.any(String),
      body: "body: é",
      attributes,
      sentTimestamp,
      firstReceiveTimestamp: clock(),
      receiveCount: 1,
    },
  ]);
  expect(await queue.receive()).toEqual([]);
});

describe("visibility", () => {
  test("what is not deleted comes back after the time-out, counted, under a new receipt", async () => {
    const clock = handClock();
    const queue = (await localQueues({ clock })).get("work");
    await queue.send("m");
    const [first] = await queue.receive();
    clock.advance(29.9);
    expect(await queue.receive()).toEqual([]);
    clock.advance(0.1);
    const [second] = await queue.receive();
    expect(second).toMatchObject({ receiveCount: 2, firstReceiveTimestamp: first?.firstReceiveTimestamp });
    expect(second?.receiptHandle).not.toBe(first?.receiptHandle);
  });

  test("a receipt that is not the newest neither deletes nor changes anything", async () => {
    const clock = handClock();
    const queue = (await localQueues({ clock })).get("work");
    await queue.send("m");
    const [stale] = await queue.receive();
    clock.advance(30);
    const [newest] = await queue.receive();
    expect(queue.delete(stale?.receiptHandle ?? "")).toBe(false);
    expect(queue.changeVisibility(stale?.receiptHandle ?? "", 0)).toBe(false);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    expect(queue.delete(newest?.receiptHandle ?? "")).toBe(true);
    expect(queue.delete(newest?.receiptHandle ?? "")).toBe(false);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test("can be lengthened, and ended at once, while the message is in flight only", async () => {
    const clock = handClock();
    const queue = (await localQueues({ clock })).get("work");
    await queue.send("m");
    const [message] = await queue.receive();
    const receipt = message?.receiptHandle ?? "";
    expect(queue.changeVisibility(receipt, 900)).toBe(true);
    clock.advance(899);
    expect(await queue.receive()).toEqual([]);
    expect(queue.changeVisibility(receipt, 0)).toBe(true);
    expect(queue.changeVisibility(receipt, 10)).toBe(false);
    expect(await queue.receive()).toHaveLength(1);
  });

  test("a receipt of one queue is worth nothing in another", async () => {
    const queues = await localQueues();
    await queues.get("work").send("m");
    const [message] = await queues.get("work").receive();
    expect(queues.get("dead-letters").delete(message?.receiptHandle ?? "")).toBe(false);
  });
});

describe("dead letters", () => {
  test("a message that was received as often as allowed moves, with its id and its source", async () => {
    const clock = handClock();
    const queues = await localQueues({ clock });
    const { messageId } = await queues.get("work").send("m");
    let receipt = "";
    for (let receive = 1; receive <= 3; receive += 1) {
      const [message] = await queues.get("work").receive();
      expect(message?.receiveCount).toBe(receive);
      receipt = message?.receiptHandle ?? "";
      clock.advance(30);
    }
    expect(await queues.get("work").receive()).toEqual([]);
    expect(queues.get("work").depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(queues.get("dead-letters").delete(receipt)).toBe(false);
    expect(await queues.get("dead-letters").receive()).toMatchObject([
      { messageId, body: "m", receiveCount: 1, deadLetterQueueSourceArn: QUEUES[0]?.arn },
    ]);
  });

  test("a queue that names an unknown one is refused", async () => {
    const file = await queueFile();
    expect(() => openQueues({ file, queues: QUEUES.slice(0, 1), timeScale: 1 })).toThrow(UnknownQueue);
  });
});

test("a delayed message is not received before, whether the queue or the sender says so", async () => {
  const clock = handClock();
  const queues = QUEUES.map((settings) => ({ ...settings, delaySeconds: 5 }));
  const queue = (await localQueues({ clock, queues })).get("work");
  await queue.send("later");
  await queue.send("at once", {}, 0);
  expect(await queue.receive()).toMatchObject([{ body: "at once" }]);
  expect(queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 1 });
  clock.advance(5);
  expect(await queue.receive()).toMatchObject([{ body: "later" }]);
});

test("a message is dropped when its retention ends, even in flight", async () => {
  const clock = handClock();
  const queues = QUEUES.map((settings) => ({ ...settings, retentionSeconds: 60 }));
  const queue = (await localQueues({ clock, queues })).get("work");
  await queue.send("m");
  await queue.receive();
  clock.advance(59);
  expect(await queue.receive()).toHaveLength(1);
  clock.advance(1);
  expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test("every time is divided by the time scale", async () => {
  const clock = handClock();
  const queue = (await localQueues({ clock, timeScale: 10 })).get("work");
  await queue.send("m", {}, 20);
  clock.advance(1.9);
  expect(await queue.receive()).toEqual([]);
  clock.advance(0.1);
  expect(await queue.receive()).toHaveLength(1);
  clock.advance(3);
  const [again] = await queue.receive();
  queue.changeVisibility(again?.receiptHandle ?? "", 600);
  clock.advance(59);
  expect(await queue.receive()).toEqual([]);
  clock.advance(1);
  expect(await queue.receive()).toHaveLength(1);
});

describe("a receive that waits", () => {
  test.each([
    ["is sent", (send: () => unknown) => send()],
    ["is sent later", (send: () => unknown) => setTimeout(send, 50)],
  ])("gets a message when it %s", async (_, when) => {
    const queue = (await localQueues()).get("work");
    const received = queue.receive({ waitSeconds: 20 });
    when(() => queue.send("m"));
    expect(await received).toMatchObject([{ body: "m" }]);
  });

  test("gets a message when it becomes visible again", async () => {
    const queue = (await localQueues({ timeScale: 1000 })).get("work");
    await queue.send("m");
    await queue.receive();
    expect(await queue.receive({ waitSeconds: 20 })).toMatchObject([{ receiveCount: 2 }]);
  });

  test("gets a message when its receiver lets go of it", async () => {
    const queue = (await localQueues()).get("work");
    await queue.send("m");
    const [message] = await queue.receive();
    const received = queue.receive({ waitSeconds: 20 });
    queue.changeVisibility(message?.receiptHandle ?? "", 0);
    expect(await received).toMatchObject([{ receiveCount: 2 }]);
  });

  test("gets a dead letter when it arrives", async () => {
    const queues = await localQueues({ timeScale: 1000 });
    const received = queues.get("dead-letters").receive({ waitSeconds: 20 });
    await queues.get("work").send("m");
    for (let receive = 1; receive <= 3; receive += 1) await queues.get("work").receive({ waitSeconds: 20 });
    const polling = queues.get("work").receive({ waitSeconds: 20 });
    expect(await received).toMatchObject([{ body: "m" }]);
    queues.close();
    expect(await polling).toEqual([]);
  });

  test("takes nothing once it was given up", async () => {
    const queue = (await localQueues()).get("work");
    const abort = new AbortController();
    const received = queue.receive({ waitSeconds: 20, signal: abort.signal });
    abort.abort();
    expect(await received).toEqual([]);
    await queue.send("m");
    expect(await queue.receive({ signal: abort.signal })).toEqual([]);
    expect(queue.depth().visible).toBe(1);
  });

  test("two of them never get the same message", async () => {
    const queue = (await localQueues()).get("work");
    const receives = Array.from({ length: 4 }, () => queue.receive({ max: 1, waitSeconds: 20 }));
    for (const body of ["a", "b", "c", "d"]) await queue.send(body);
    const bodies = (await Promise.all(receives)).flat().map(({ body }) => body);
    expect(bodies.toSorted()).toEqual(["a", "b", "c", "d"]);
  });
});

test("a restart keeps every message; what was in flight is visible at once, counted", async () => {
  const file = await queueFile();
  const clock = handClock();
  const before = openQueues({ file, queues: QUEUES, timeScale: 1, clock });
  await before.get("work").send("in flight");
  const [received] = await before.get("work").receive();
  await before.get("work").send("visible");
  await before.get("work").send("delayed", {}, 60);
  before.close();

  const after = openQueues({ file, queues: QUEUES, timeScale: 1, clock });
  onTestFinished(() => after.close());
  expect(after.get("work").depth()).toEqual({ visible: 2, inFlight: 0, delayed: 1 });
  const again = await after.get("work").receive();
  expect(again).toHaveLength(2);
  expect(again).toContainEqual({ ...received, receiptHandle: expect.any(String), receiveCount: 2 });
});

test("purging empties one queue and leaves the other", async () => {
  const queues = await localQueues();
  await queues.get("work").send("m");
  await queues.get("dead-letters").send("m");
  queues.get("work").purge();
  expect(queues.get("work").depth().visible).toBe(0);
  expect(queues.get("dead-letters").depth().visible).toBe(1);
});
