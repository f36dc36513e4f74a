import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Device, RunningAgent } from "../support/agent-under-test.ts";
import { ran } from "../support/app-rule.ts";
import { pair, pairDevice, publishPair } from "../support/pair-rule.ts";
import { runCommand } from "../support/run-command.ts";

let device: Device;
let agent: RunningAgent;
let flags: string[];

/** A device whose unit of the versions 2 and 3 was taken back. */
beforeEach(async () => {
  ({ device, agent, flags } = await pairDevice());
  publishPair(device, "2", ["a"]);
  publishPair(device, "3", ["b"]);
  for (const _ of ["a", "b"]) await agent.next("failed");
  await expect.poll(() => ran(device)).toEqual(["11", "23", "11"]);
  device.fake.card.served = 0;
});

describe("a unit that failed [NF-9.12]", () => {
  test("stays condemned, and so does a part of it: nothing is fetched or started for it", async () => {
    publishPair(device, "3", ["b"]);
    expect(await agent.next("failed")).toMatchObject({ name: "app/b", reason: "run" });
    publishPair(device, "2", ["a"]);
    publishPair(device, "3", ["b"]);
    for (const _ of ["a", "b"]) expect(await agent.next("failed")).toMatchObject({ reason: "run" });
    expect(device.fake.card.served).toBe(0);
    expect(await ran(device)).toHaveLength(3);
  });

  test("is tried again once one of its files is another, and what is as before is not fetched again", async () => {
    publishPair(device, "3", ["a"]);
    await expect.poll(async () => (await ran(device)).at(-1)).toBe("33");
    expect(await pair(device)).toBe("33");
    expect(device.fake.card.served).toBe("3 of a".length);
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    await expect
      .poll(() => device.fake.card.receipts.slice(-2))
      .toMatchObject([{ state: "installed" }, { state: "installed" }]);
    await expect.poll(() => readdir(path.join(device.state, "partial"))).toEqual([]);
    await agent.stop();
    expect((await runCommand("status", "--state", device.state)).stdout).not.toMatch(/failed|under way/);
  });

  test("is tried again as a whole if a person asks for one of its files", async () => {
    await runCommand("retry", "app/a", "--state", device.state);
    for (const _ of ["a", "b"]) expect(await agent.next("failed")).toMatchObject({ reason: "run" });
    await expect.poll(() => ran(device)).toEqual(["11", "23", "11", "23", "11"]);
    expect(await pair(device)).toBe("11");
    await agent.stop();
    const next = device.start({ flags });
    await next.next("ready");
    publishPair(device, "3", ["b"]);
    expect(await next.next("failed")).toMatchObject({ name: "app/b" });
    expect(await ran(device)).toHaveLength(5); // once for a request
  });

  test("is tried again as a whole if one of its files is announced again [NF-2.7]", async () => {
    const { card } = device.fake;
    const announcement = card.publish("app/a", Buffer.from("2 of a"));
    card.queue.pop();
    card.announce({ ...announcement, again: 1 });
    for (const _ of ["a", "b"]) await agent.next("failed");
    await expect.poll(() => ran(device)).toEqual(["11", "23", "11", "23", "11"]);
  });

  test("does not count against a file of it that somebody has put in its place", async () => {
    await writeFile(path.join(device.root, "app/b"), "3 of b");
    publishPair(device, "3", ["b"]);
    expect(await agent.next("unchanged")).toMatchObject({ name: "app/b" });
    publishPair(device, "3", ["a"]);
    await expect.poll(async () => (await ran(device)).at(-1)).toBe("33");
  });
});

test("two files that failed alone are tried together when they come together", async () => {
  const other = await pairDevice();
  for (const name of ["a", "b"]) {
    publishPair(other.device, "4", [name]);
    expect(await other.agent.next("failed")).toMatchObject({ name: `app/${name}`, reason: "run" });
  }
  publishPair(other.device, "4");
  await expect.poll(() => pair(other.device)).toBe("44");
});
