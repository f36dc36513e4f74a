import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { type Device, type RunningAgent, startDevice } from "../support/agent-under-test.ts";
import { ran } from "../support/app-rule.ts";
import { pair, publishPair, withPairRule } from "../support/pair-rule.ts";
import { runCommand } from "../support/run-command.ts";

let device: Device;
let flags: string[];
/** What the server does not give at present. */
let withheld: string;

beforeEach(async () => {
  device = await startDevice();
  flags = await withPairRule(device);
  withheld = "";
  device.fake.script = ({ req, name }) =>
    req === "web.get" && withheld !== "" && String(name).includes(withheld)
      ? { reply: { result: 503, body: { retry: 0 } } }
      : undefined;
});

const names = (agent: RunningAgent, event: string) =>
  agent.events.filter((each) => each.event === event).map((each) => ("name" in each ? each.name : ""));
const statusText = async () => (await runCommand("status", "--state", device.state)).stdout;

describe("a file that fails for good leaves its unit, and the rest goes on [NF-9.11]", () => {
  test("because it cannot be where it is to go", async () => {
    await mkdir(path.join(device.root, "app/c"), { recursive: true });
    publishPair(device, "1", ["a", "b", "c"]);
    const agent = device.start({ flags });
    expect(await agent.next("refused")).toMatchObject({ name: "app/c", reason: "is-a-folder" });
    await expect.poll(() => pair(device)).toBe("11");
  });

  test("because the server does not have it any more", async () => {
    publishPair(device, "1", ["a", "b", "c"]);
    device.fake.card.files.delete("app/c");
    const agent = device.start({ flags });
    expect(await agent.next("discarded")).toMatchObject({ name: "app/c" });
    await expect.poll(() => names(agent, "installed")).toEqual(["app/a", "app/b"]);
    expect(await ran(device)).toEqual(["11"]);
  });
});

describe("a file that fails for now keeps its unit waiting [NF-9.11]", () => {
  test("which is told, and is put in place as a whole in the end", async () => {
    withheld = "app/b";
    publishPair(device, "1");
    const agent = device.start({ flags });
    expect(await agent.next("failed")).toMatchObject({ name: "app/b", retrySeconds: expect.any(Number) });
    expect(await agent.next("unit-waits")).toEqual({
      ...{ event: "unit-waits", match: "app/**", paths: ["app/a"], lacks: ["app/b"] },
    });
    const told = expect.stringMatching(
      /^app\/a\n.*\n {2}waits {6}2 files of the rule app\/\*\* are one unit, which lacks app\/b\n/,
    );
    await expect.poll(statusText).toEqual(told);
    expect(await pair(device)).toBe("--");
    withheld = "";
    await expect.poll(() => ran(device)).toEqual(["11"]);
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    expect(names(agent, "installed")).toEqual(["app/a", "app/b"]);
    await expect.poll(statusText).not.toContain("waits");
    expect(device.fake.card.served).toBe("1 of a".length * 2);
  });

  test("and what is announced meanwhile goes with it, newer versions in place of older ones", async () => {
    withheld = "app/b";
    publishPair(device, "1");
    const agent = device.start({ flags });
    await agent.next("unit-waits");
    publishPair(device, "2");
    publishPair(device, "2", ["c"]);
    await sleep(700); // longer than the quiet time
    expect(await ran(device)).toEqual([]);
    withheld = "";
    await expect.poll(() => ran(device)).toEqual(["22"]);
    await expect.poll(() => names(agent, "installed")).toEqual(["app/a", "app/b", "app/c"]);
  });

  test("and what has come is not fetched again by the agent's next run", async () => {
    withheld = "app/b";
    publishPair(device, "1");
    const agent = device.spawn({ flags });
    await agent.next("unit-waits");
    await agent.stop("SIGKILL");
    withheld = "";
    device.start({ flags });
    await expect.poll(() => ran(device)).toEqual(["11"]);
    expect(device.fake.card.served).toBe("1 of a".length * 2);
  });
});

test("nothing is paid for where there is no room for all", async () => {
  publishPair(device, "1", ["a"]);
  const announcement = device.fake.card.publish("app/b", Buffer.from("1 of b"));
  device.fake.card.queue.pop();
  device.fake.card.announce({ ...announcement, size: 2 ** 50 });
  const agent = device.start({ flags });
  expect(await agent.next("failed")).toMatchObject({ name: "app/a", reason: "disk-full" });
  expect(device.fake.card.fetches).toBe(0);
});

test("a file is fetched at once, whether others may come or not", async () => {
  flags = await withPairRule(device, 600);
  publishPair(device, "1", ["a"]);
  const agent = device.start({ flags });
  await agent.next("chunk");
  expect(await pair(device)).toBe("--");
});

test("who uploads on and on starves nobody", async () => {
  const agent = device.start({ flags: await withPairRule(device, 0.4) });
  publishPair(device, "1");
  for (let at = 0; names(agent, "installed").length === 0; at += 1) {
    publishPair(device, "1", [`more-${at}`]);
    await sleep(50);
  }
  expect(await pair(device)).toBe("11");
  expect(await ran(device)).toEqual(["11"]);
});
