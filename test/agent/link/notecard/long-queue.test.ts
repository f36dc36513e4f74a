import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { startDevice } from "../../support/agent-under-test.ts";
import { startDeviceOnStandIn } from "../../support/device-on-stand-in.ts";

/** A key whose announcement has all of its 250 bytes. */
const KEY = `${"k".repeat(108)}.txt`;

test("a queue that no reply can hold is worked off, the last-queued first [NF-2.2]", async () => {
  const { under, folder, start, publish } = await startDeviceOnStandIn();
  for (let version = 1; version <= 500; version += 1) await publish(KEY, Buffer.from(`version ${version}`));
  await under.until({ req: "note.changes", file: "file-update.qi", max: 1 }, ({ total }) => total === 500);
  const agent = start();
  await agent.next("installed");
  expect(await readFile(path.join(folder, "root", KEY), "utf8")).toBe("version 500");
  await under.until({ req: "note.changes", file: "file-update.qi", max: 1 }, ({ total }) => total === 0);
  expect(agent.events.filter(({ event }) => event === "superseded")).toHaveLength(499);
  expect(under.card.counters().byRequest["web.get"]?.messages).toBe(2); // one request, one reply
}, 60_000);

test("a queue of 10,000 Notes that announce nothing holds up what is announced behind them, and no more", async () => {
  const { fake, root, start } = await startDevice();
  for (let at = 0; at < 10_000; at += 1) fake.card.announce({ junk: at });
  fake.card.publish("a.txt", Buffer.from("good"));
  const agent = start();
  await expect.poll(() => fake.card.queue.length, { timeout: 60_000 }).toBe(0);
  expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("good");
  expect(agent.events.filter(({ event }) => event === "refused")).toHaveLength(10_000);
  expect(fake.card.trackers.size).toBe(0);
}, 90_000);
