import { readdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { ran, withRule } from "../support/app-rule.ts";
import { filesBelow } from "../support/files-below.ts";
import { pair, pairDevice, publishPair } from "../support/pair-rule.ts";

describe("files of one rule that are announced together [NF-9.10]", () => {
  test("and need each other are tried together, by one start", async () => {
    const { device, agent } = await pairDevice();
    expect(await ran(device)).toEqual(["11"]);
    publishPair(device, "2");
    expect(await agent.next("unit")).toMatchObject({ match: "app/**", paths: ["app/a", "app/b"] });
    await agent.next("installed");
    await agent.next("installed");
    expect(await ran(device)).toEqual(["11", "22"]);
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    await expect
      .poll(() => device.fake.card.receipts.slice(-2))
      .toMatchObject([
        { name: "app/a", state: "installed" },
        { name: "app/b", state: "installed" },
      ]);
    expect(await readdir(path.join(device.state, "previous"))).toEqual([]);
  });

  test("are taken back together, and nothing is left of them", async () => {
    const { device, agent } = await pairDevice();
    publishPair(device, "2", ["a"]);
    device.fake.card.publish("app/b", Buffer.from("3 of b"));
    device.fake.card.publish("app/new", Buffer.from("new"));
    for (const name of ["app/a", "app/b", "app/new"])
      expect(await agent.next("failed")).toMatchObject({ name, reason: "run", detail: "it ended with 1" });
    expect(await pair(device)).toBe("11");
    expect((await filesBelow(device.root)).toSorted()).toEqual(["app/a", "app/b", "ran"]);
    await expect.poll(() => ran(device)).toEqual(["11", "23", "11"]);
    await expect
      .poll(() => device.fake.card.receipts.slice(-3))
      .toMatchObject(
        ["app/a", "app/b", "app/new"].map((name) => ({ name, state: "failed", ended: "exit 1" })),
      );
  });

  test("are one start, thirty as well", async () => {
    const device = await startDevice();
    const rule = {
      match: "app/**",
      command: ["sh", "-c", "ls app | wc -l >> ran"] satisfies [string, ...string[]],
    };
    const flags = await withRule(device, rule);
    const names = Array.from({ length: 30 }, (_, at) => `app/${at + 1}`);
    for (const name of names) device.fake.card.publish(name, Buffer.from(name));
    const agent = device.start({ flags: [...flags, "--quiet", "0.3"] });
    for (const _ of names) await agent.next("installed");
    expect(await ran(device)).toEqual(["30"]);
    expect(agent.events.filter(({ event }) => event === "running")).toHaveLength(1);
  });
});
