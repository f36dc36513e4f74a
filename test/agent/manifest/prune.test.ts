import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { withRule } from "../support/app-rule.ts";
import { deviceOfFleet, filesOf } from "../support/fleet-device.ts";

const GONE = "app/file-1.py";

async function without(prune: boolean, meanwhile: (root: string) => Promise<void> = async () => undefined) {
  const device = await deviceOfFleet({ prune });
  const { fleet, start, root, receipts } = device;
  await meanwhile(root);
  fleet.announce(filesOf(3));
  const agent = start();
  await agent.next("brought");
  return {
    ...{ ...device, agent },
    async leave(by = agent) {
      const { serial } = fleet.announce({ [GONE]: undefined });
      expect((await by.next("brought")).serial).toBe(serial);
      await expect.poll(() => receipts().at(-1)).toMatchObject({ serial });
      return receipts().at(-1);
    },
  };
}

describe("what has left a manifest [NF-11.11]", () => {
  test("stays", async () => {
    const { leave, content } = await without(false);
    expect(await leave()).toMatchObject({ removed: 0, unchanged: 2 });
    expect(await content(GONE)).toBeDefined();
  });

  test("is removed where the manifest says so", async () => {
    const { leave, content, card } = await without(true);
    expect(await leave()).toMatchObject({ removed: 1, unchanged: 2 });
    expect(await content(GONE)).toBeUndefined();
    expect(card.receipts).toHaveLength(2); // of the two manifests
  });

  test("stays where a manifest had not brought it", async () => {
    const bytes = filesOf(3)[GONE] ?? "";
    const { leave, content, agent, start, fleet } = await without(true, async (root) => {
      const { mkdir } = await import("node:fs/promises");
      await mkdir(path.join(root, "app"));
      await writeFile(path.join(root, GONE), bytes);
    });
    await agent.stop(); // what the next one finds, it has not brought either
    const next = start();
    await next.next("ready");
    fleet.announce({ "other.txt": Buffer.from("x") });
    await next.next("brought");
    expect(await leave(next)).toMatchObject({ removed: 0 });
    expect(await content(GONE)).toEqual(bytes);
  });

  test("stays where somebody has put another file in its place since", async () => {
    const { leave, content, root } = await without(true);
    await writeFile(path.join(root, GONE), "by hand");
    expect(await leave()).toMatchObject({ removed: 0 });
    expect(await content(GONE)).toEqual(Buffer.from("by hand"));
  });

  test("stays where somebody puts another file in its place while its unit waits", async () => {
    const device = await deviceOfFleet({ prune: true });
    const { fleet, start, root, content, card, receipts } = device;
    const command: [string, ...string[]] = ["sh", "-c", "cat app/* >> ran"];
    fleet.announce({ "app/a": Buffer.from("a1"), [GONE]: Buffer.from("b1") });
    const agent = start({ flags: await withRule(device, { match: "app/**", command }) });
    await agent.next("brought");
    card.stranger = ({ name }) => (String(name).includes("needed") ? { status: 500, text: "" } : undefined);
    const { serial } = fleet.announce({ "app/needed": Buffer.from("n1"), [GONE]: undefined });
    expect(await agent.next("unit-waits")).toMatchObject({ paths: [GONE], lacks: ["app/needed"] });
    await writeFile(path.join(root, GONE), "by hand");
    card.stranger = undefined;
    await expect.poll(() => receipts().at(-1)).toMatchObject({ serial, installed: 1, removed: 0 });
    expect(await content(GONE)).toEqual(Buffer.from("by hand"));
    expect(String(await content("ran"))).toBe("a1b1a1by handn1");
  });

  test("goes with the rest of its unit, by one start", async () => {
    const { fleet, start, folder, content, receipts } = await deviceOfFleet({ prune: true });
    const config = path.join(folder, "config.json");
    await writeFile(
      config,
      JSON.stringify({
        run: [{ match: "app/**", command: ["sh", "-c", "ls app >> ran; echo . >> ran"], seconds: 5 }],
      }),
    );
    fleet.announce(filesOf(2));
    const agent = start({ flags: ["--config", config] });
    await agent.next("brought");
    fleet.announce({ [GONE]: undefined, "app/file-2.py": Buffer.from("new") });
    await agent.next("brought");
    expect(String(await content("ran"))).toBe("file-0.py\nfile-1.py\n.\nfile-0.py\nfile-2.py\n.\n");
    await expect.poll(receipts).toHaveLength(2);
    expect(receipts()[1]).toMatchObject({ removed: 1, installed: 1, unchanged: 1 });
  });
});

test("the program of a file that is gone is not kept any more, also where an agent was killed just after it had removed that", async () => {
  const device = await deviceOfFleet({ prune: true });
  const { fleet, start, root, state } = device;
  const kept = () => readFile(path.join(state, "programs.json"), "utf8").then(JSON.parse);
  const flags = await withRule(device, { match: "bin/*", seconds: 0.1 });
  fleet.announce({ "bin/app": Buffer.from("#!/bin/sh\nexec sleep 60\n"), other: Buffer.from("x") });
  const agent = start({ flags });
  await agent.next("brought");
  expect(await kept()).toEqual(["bin/app"]);
  await agent.stop();
  fleet.announce({ "bin/app": undefined });
  await rm(path.join(root, "bin/app")); // and nothing else was done when it was killed
  await start({ flags }).next("brought");
  expect(await kept()).toEqual([]);
});
