import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { openQueues, type Queues } from "../../../../local/aws/sqs/queues.ts";
import { createRandom, readSeed } from "../../../support/seeded-random.ts";
import { QUEUES, queueFile } from "./support/local-queues.ts";

const QUEUES_MODULE = new URL("../../../../local/aws/sqs/queues.ts", import.meta.url).href;
const VISIBILITY_MS = 30_000;

test("random use with restarts: nothing lost, nothing delivered while invisible, nothing after its deletion", async () => {
  const seed = readSeed();
  const random = createRandom(seed);
  const file = await queueFile();
  let now = 1_795_000_000_000;
  const open = () => openQueues({ file, queues: QUEUES, timeScale: 1, clock: () => now });
  let queues: Queues = open();
  onTestFinished(() => queues.close());

  /** What the queue should hold: when each message is visible again, how often it was received, under which receipt. */
  const model = new Map<string, { visibleAt: number; count: number; receipt: string; dead: boolean }>();
  const stale: string[] = [];
  const pickInFlight = () => random.pick([...model].filter(([, { receipt }]) => receipt !== ""));

  const steps = {
    async send() {
      const { messageId } = await queues.get("work").send(`body ${random.below(1e6)}`);
      model.set(messageId, { visibleAt: now, count: 0, receipt: "", dead: false });
    },
    async receive() {
      const received = await queues.get("work").receive({ max: 1 + random.below(10) });
      for (const { messageId, receiptHandle, receiveCount } of received) {
        const known = model.get(messageId);
        expect(known, "a deleted message came back").toBeDefined();
        if (known === undefined) continue;
        expect(known.visibleAt, "delivered while invisible").toBeLessThanOrEqual(now);
        expect(receiveCount).toBe(known.count + 1);
        expect(receiveCount, "received more often than allowed").toBeLessThanOrEqual(3);
        if (known.receipt !== "") stale.push(known.receipt);
        model.set(messageId, {
          visibleAt: now + VISIBILITY_MS,
          count: receiveCount,
          receipt: receiptHandle,
          dead: false,
        });
      }
    },
    async delete() {
      const [id, message] = pickInFlight() ?? [];
      // A dead letter's receipt went with it.
      if (id !== undefined && queues.get("work").delete(message?.receipt ?? "")) model.delete(id);
    },
    async changeVisibility() {
      const [, message] = pickInFlight() ?? [];
      const seconds = random.below(60);
      if (message !== undefined && queues.get("work").changeVisibility(message.receipt, seconds)) {
        message.visibleAt = now + seconds * 1000;
      }
    },
    async useStaleReceipt() {
      const receipt = random.pick(stale);
      if (receipt === undefined) return;
      expect(queues.get("work").delete(receipt)).toBe(false);
      expect(queues.get("work").changeVisibility(receipt, 0)).toBe(false);
    },
    async advance() {
      now += random.below(20_000);
    },
    async restart() {
      queues.close();
      queues = open();
      for (const message of model.values()) message.visibleAt = Math.min(message.visibleAt, now);
    },
  };
  const weighted = [...Array(6).fill("send"), ...Array(6).fill("receive"), ...Array(4).fill("delete")];
  const names = [
    ...weighted,
    "changeVisibility",
    "useStaleReceipt",
    "advance",
    "advance",
    "advance",
    "restart",
  ];
  for (let step = 0; step < 500; step += 1) {
    const name = random.pick(names) as keyof typeof steps;
    await steps[name]();
    const { visible, inFlight } = queues.get("work").depth();
    const dead = queues.get("dead-letters").depth().visible;
    expect(visible + inFlight + dead, `after ${name}, seed ${seed}`).toBe(model.size);
  }
  // What is left is exactly what was neither deleted nor given up.
  const left = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    for (const queue of [queues.get("work"), queues.get("dead-letters")]) {
      for (const { messageId } of await queue.receive({ max: model.size + 1 })) left.add(messageId);
    }
    now += VISIBILITY_MS * 2;
  }
  expect([...left].toSorted()).toEqual([...model.keys()].toSorted());
});

test("killed at any moment: every message that was sent is there, none that was deleted", async () => {
  const seed = readSeed();
  const random = createRandom(seed);
  const file = await queueFile();
  const sent = new Set<string>();
  const deleting = new Set<string>();
  const deleted = new Set<string>();
  for (let run = 0; run < 4; run += 1) {
    const child = spawn(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { writeSync } from "node:fs";
       import { openQueues } from ${JSON.stringify(QUEUES_MODULE)};
       const queues = openQueues({ file: ${JSON.stringify(file)}, queues: ${JSON.stringify(QUEUES)}, timeScale: 1 });
       const queue = queues.get("dead-letters");
       for (;;) {
         const { messageId } = await queue.send("body");
         writeSync(1, "sent " + messageId + "\\n");
         if (Math.random() < 0.5) continue;
         const [message] = await queue.receive({ max: 1 });
         writeSync(1, "deleting " + message.messageId + "\\n");
         queue.delete(message.receiptHandle);
         writeSync(1, "deleted " + message.messageId + "\\n");
       }`,
    ]);
    const killAfter = 20 + random.below(200);
    let lines = 0;
    for await (const line of createInterface(child.stdout)) {
      const [verb, id = ""] = line.split(" ");
      ({ sent, deleting, deleted })[verb as "sent" | "deleting" | "deleted"]?.add(id);
      lines += 1;
      if (lines === killAfter) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    expect(lines).toBeGreaterThanOrEqual(killAfter);
  }
  const queues = openQueues({ file, queues: QUEUES, timeScale: 1 });
  onTestFinished(() => queues.close());
  const held = new Set(
    (await queues.get("dead-letters").receive({ max: 1e6 })).map(({ messageId }) => messageId),
  );
  const lost = [...sent].filter((id) => !held.has(id) && !deleting.has(id));
  expect(lost, `seed ${seed}`).toEqual([]);
  expect([...deleted].filter((id) => held.has(id))).toEqual([]);
});
