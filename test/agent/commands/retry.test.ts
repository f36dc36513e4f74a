import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { app, BAD, GOOD, ran, withRule } from "../support/app-rule.ts";
import { sha256 } from "../support/fake-card.ts";
import { runCommand } from "../support/run-command.ts";

/** Runs once a person has mended what it lacks. */
const LACKS = "#!/bin/sh\necho tried >> ran\n[ -e mended ] || exit 3\n";

const retry = ({ state }: Device, ...args: string[]) => runCommand("retry", "--state", state, ...args);
const mend = ({ root }: Device) => writeFile(path.join(root, "mended"), "");

/** A device that condemned {@link LACKS}; its Note is gone. */
async function condemned(version = LACKS) {
  const device = await startDevice();
  const flags = await withRule(device);
  const { card } = device.fake;
  card.files.set("app", Buffer.from(version));
  card.announce({ ...card.publish("app", Buffer.from(version)), seq: "AAAB" });
  card.queue.shift();
  const agent = device.start({ flags });
  await agent.next("failed");
  await expect.poll(() => card.queue).toEqual([]);
  return { device, flags, agent, card };
}

const requestsIn = ({ state }: Device) => readdir(path.join(state, "retry"));

describe("retry tries a condemned version again", () => {
  test("at once, by a running agent, which tells so", async () => {
    const { device, agent, card } = await condemned();
    await mend(device);
    const begin = performance.now();
    const { code, stdout } = await retry(device, "app");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("asked for app") });
    expect(await agent.next("requested")).toMatchObject({ name: "app", path: "app" });
    expect(performance.now() - begin).toBeLessThan(2_000);
    await agent.next("installed");
    expect(await app(device)).toBe(LACKS);
    await expect.poll(() => card.receipts.at(-1)).toMatchObject({ state: "installed" });
    await expect.poll(() => requestsIn(device)).toEqual([]);
    expect(JSON.parse(await readFile(path.join(device.state, "failed.json"), "utf8"))).toEqual({});
  });

  test("by an agent that is started later", async () => {
    const { device, flags, agent } = await condemned();
    await agent.stop();
    await mend(device);
    expect((await retry(device, "app", "--json")).stdout).toBe(
      `${JSON.stringify({ path: "app", name: "app", sha256: sha256(Buffer.from(LACKS)) })}\n`,
    );
    await device.start({ flags }).next("installed");
    await expect.poll(() => requestsIn(device)).toEqual([]);
  });

  test("once for each request: what fails again is condemned again", async () => {
    const { device, flags, agent } = await condemned();
    for (let tries = 2; tries <= 3; tries += 1) {
      await retry(device, "app");
      expect(await agent.next("failed")).toMatchObject({ reason: "run" });
      expect(await ran(device)).toHaveLength(tries);
      await expect.poll(() => requestsIn(device)).toEqual([]);
    }
    await agent.stop();
    const next = device.start({ flags });
    await next.next("ready");
    expect(await ran(device)).toHaveLength(3);
  });

  test("and one that ends the agent each time is not begun anew each time", async () => {
    const kills = "#!/bin/sh\necho tried >> ran\n[ -e mended ] && kill -9 $PPID\nexit 3\n";
    const { device, flags, agent } = await condemned(kills);
    await agent.stop();
    await mend(device);
    await retry(device, "app");
    for (let starts = 1; starts <= 3; starts += 1) await device.spawn({ flags }).ended;
    const last = device.spawn({ flags });
    expect(await last.next("failed")).toMatchObject({ reason: "run" });
    await expect.poll(() => requestsIn(device)).toEqual([]);
    expect(await ran(device)).toHaveLength(4);
  });

  test("but not over a newer one", async () => {
    const { device, flags, agent, card } = await condemned();
    await agent.stop();
    await retry(device, "app");
    card.announce({ ...card.publish("app", Buffer.from(GOOD)), seq: "AAAC" });
    card.queue.shift();
    const next = device.start({ flags });
    await next.next("installed");
    await expect.poll(() => requestsIn(device)).toEqual([]);
    expect(await app(device)).toBe(GOOD);
    expect(await ran(device)).toEqual(["tried", "good"]);
  });

  test("and says so if the bucket has another version by now", async () => {
    const { device, agent, card } = await condemned();
    card.files.set("app", Buffer.from(GOOD));
    await retry(device, "app");
    expect(await agent.next("discarded")).toMatchObject({ name: "app" });
    await expect.poll(() => requestsIn(device)).toEqual([]);
  });
});

describe("retry is refused by a sentence", () => {
  test.each([
    [["other"], 1, "nothing was delivered to other: `noteferry-agent status` lists the paths\n"],
    [["good"], 1, "no version of good is condemned: there is nothing to try again\n"],
    [[], 2, "retry lacks the <path>"],
    [["app", "b"], 2, 'what is "b"?'],
  ])("for %j", async (args, code, sentence) => {
    const { device, agent, card } = await condemned();
    card.publish("good", Buffer.from("x"));
    await agent.next("installed");
    const refused = await retry(device, ...args);
    expect(refused).toEqual({ code, stdout: "", stderr: expect.stringContaining(sentence) });
    expect(await requestsIn(device)).toEqual([]);
  });

  test("where no agent has worked", async () => {
    const { folder } = await startDevice();
    const { code, stderr } = await runCommand("retry", "app", "--state", folder);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining("is no agent's state folder"),
    });
  });

  test("where an older agent kept no announcement", async () => {
    const { device, agent } = await condemned(BAD);
    await agent.stop();
    const file = path.join(device.state, "failed.json");
    const { version: _, ...old } = JSON.parse(await readFile(file, "utf8")).app;
    await writeFile(file, JSON.stringify({ app: old }));
    const { code, stderr } = await retry(device, "app");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("upload it once more") });
  });
});

describe("a request", () => {
  test("is its user's alone, and is written through no link", async () => {
    const { device, agent } = await condemned();
    await agent.stop();
    await retry(device, "app");
    const [name = ""] = await requestsIn(device);
    const place = path.join(device.state, "retry", name);
    expect((await stat(place)).mode & 0o777).toBe(0o600);
    const victim = path.join(device.folder, "victim");
    await writeFile(victim, "mine");
    await rm(place);
    await symlink(victim, place);
    expect((await retry(device, "app")).code).toBe(0);
    expect(await readFile(victim, "utf8")).toBe("mine");
    await rm(path.join(device.state, "retry"), { recursive: true });
    await mkdir(path.join(device.folder, "elsewhere"));
    await symlink(path.join(device.folder, "elsewhere"), path.join(device.state, "retry"));
    expect((await retry(device, "app")).code).toBe(3);
    expect(await readdir(path.join(device.folder, "elsewhere"))).toEqual([]);
  });

  test("that makes no sense is removed and ends nothing", async () => {
    const { device, agent } = await condemned();
    const folder = path.join(device.state, "retry");
    const name = "0".repeat(32);
    await writeFile(path.join(folder, ".new"), "{");
    await rename(path.join(folder, ".new"), path.join(folder, name));
    await expect.poll(() => requestsIn(device)).toEqual([]);
    await symlink("/etc/hostname", path.join(folder, name));
    await expect.poll(() => requestsIn(device)).toEqual([]);
    device.fake.card.publish("other", Buffer.from("x"));
    await agent.next("installed");
  });
});
