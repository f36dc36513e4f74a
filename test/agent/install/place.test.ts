import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { filesBelow } from "../support/files-below.ts";

describe("nothing is written outside the root [NF-9.4]", () => {
  test.each([
    "../evil",
    "a/../../evil",
    "/etc/evil",
    "a//b",
    "./a",
    "a\\b",
    "devices/dev:1/../../evil",
    "devices/nobody/a",
  ])("for the name %j", async (name) => {
    const { fake, folder, root, start } = await startDevice();
    fake.card.publish(name, Buffer.from("evil"));
    await start().next("refused");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(await filesBelow(root)).toEqual([]);
    expect((await readdir(folder)).toSorted()).toEqual(["root", "state"]);
    expect(fake.card.fetches).toBe(0);
  });

  test.each(["out/a.txt", "out", "in/out/a.txt"])("through a link: %s", async (name) => {
    const { fake, folder, root, start } = await startDevice();
    await mkdir(path.join(folder, "outside"));
    await mkdir(path.join(root, "in"));
    await symlink("../outside", path.join(root, "out"));
    await symlink("../../outside", path.join(root, "in/out"));
    fake.card.publish(name, Buffer.from("evil"));
    expect(await start().next("refused")).toMatchObject({ reason: "symbolic-link" });
    expect(await readdir(path.join(folder, "outside"))).toEqual([]);
    expect(fake.card.fetches).toBe(0);
  });

  test("while links below the root are followed", async () => {
    const { fake, root, start } = await startDevice();
    await mkdir(path.join(root, "releases/7"), { recursive: true });
    await symlink("releases/7", path.join(root, "current"));
    await writeFile(path.join(root, "releases/7/old.txt"), "old");
    await symlink("releases/7/old.txt", path.join(root, "link.txt"));
    fake.card.publish("current/a.txt", Buffer.from("a"));
    fake.card.publish("link.txt", Buffer.from("new"));
    const agent = start();
    await agent.next("installed");
    await agent.next("installed");
    expect(await readFile(path.join(root, "releases/7/a.txt"), "utf8")).toBe("a");
    expect(await readFile(path.join(root, "releases/7/old.txt"), "utf8")).toBe("new");
    expect((await stat(path.join(root, "current"))).isDirectory()).toBe(true);
  });
});

describe("a place that cannot be had is refused before anything is fetched", () => {
  test.each([
    ["folder", "is-a-folder"],
    ["file/a.txt", "not-a-folder"],
    [`${"n".repeat(120)}/${".noteferry-1"}`, "reserved"],
  ])("%s: %s", async (name, reason) => {
    const { fake, root, start } = await startDevice();
    await mkdir(path.join(root, "folder"));
    await writeFile(path.join(root, "file"), "");
    fake.card.publish(name, Buffer.from("x"));
    expect(await start().next("refused")).toMatchObject({ reason });
    expect(fake.card.fetches).toBe(0);
    expect(await filesBelow(root)).toEqual(["file"]);
    await expect.poll(() => fake.card.receipts).toMatchObject([{ state: "refused", reason }]);
  });
});

test("a state folder inside the root, or in use, is refused [NF-9.4]", async () => {
  const { root, start } = await startDevice();
  const inside = start({ flags: ["--state", path.join(root, "state")] });
  expect(await inside.ended).toBe(3);
  expect(inside.errors.join()).toContain("inside the root");
  expect(await filesBelow(root)).toEqual([]);
  await start().next("ready");
  await expect(start().next("ready")).rejects.toThrow("another agent");
});
