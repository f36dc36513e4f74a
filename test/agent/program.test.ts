import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { commandFor, type RunRule, ruleFor } from "../../agent/program/run-rule.ts";
import { type Device, startDevice } from "./support/agent-under-test.ts";

const GOOD = "#!/bin/sh\necho good >> ran\n";
const BAD = "#!/bin/sh\necho bad >> ran\nexit 3\n";
const DIES = "#!/bin/sh\necho dies >> ran\nkill -9 $$\n";
const LASTS = "#!/bin/sh\necho lasts >> ran\nexec sleep 2\n";

/** Flags for a device whose file `app` is run after each installation. */
async function withRule(device: Device, rule: Partial<RunRule> = {}): Promise<string[]> {
  const file = path.join(device.folder, "config.json");
  await writeFile(
    file,
    JSON.stringify({ run: [{ match: "app", command: ["{path}"], seconds: 5, ...rule }] }),
  );
  return ["--config", file];
}

const ran = ({ root }: Device) => readFile(path.join(root, "ran"), "utf8").catch(() => "");
const app = ({ root }: Device) => readFile(path.join(root, "app"), "utf8").catch(() => undefined);

test("an installed file is run", async () => {
  const device = await startDevice();
  device.fake.card.publish("app", Buffer.from(GOOD));
  device.fake.card.publish("other", Buffer.from(BAD));
  const agent = device.start({ flags: await withRule(device) });
  await agent.next("installed");
  await agent.next("installed");
  expect(await ran(device)).toBe("good\n");
});

test.each([
  ["ends badly", BAD, "bad", "ended with 3"],
  ["dies", DIES, "dies", "ended by SIGKILL"],
  ["cannot be started", "#!/nowhere\n", "", "ENOENT"],
])("a version that %s is taken back, and the one before runs again", async (_what, version, says, why) => {
  const device = await startDevice();
  const flags = await withRule(device);
  device.fake.card.publish("app", Buffer.from(GOOD));
  const agent = device.start({ flags });
  await agent.next("installed");
  device.fake.card.publish("app", Buffer.from(version));
  expect(await agent.next("failed")).toMatchObject({ reason: "run", detail: expect.stringContaining(why) });
  expect(await app(device)).toBe(GOOD);
  expect(await ran(device)).toBe(
    ["good", says, "good", ""].filter((line, at) => line !== "" || at > 1).join("\n"),
  );
  await expect.poll(() => device.fake.card.receipts.at(-1)).toMatchObject({ state: "failed", reason: "run" });
});

test("a first version that does not run leaves nothing", async () => {
  const device = await startDevice();
  device.fake.card.publish("app", Buffer.from(BAD));
  await device.start({ flags: await withRule(device) }).next("failed");
  expect(await app(device)).toBeUndefined();
});

test("a version that failed is not fetched again, nor by the next run of the agent, until another one was installed", async () => {
  const device = await startDevice();
  const flags = await withRule(device);
  const { card } = device.fake;
  card.publish("app", Buffer.from(BAD));
  const first = device.start({ flags });
  await first.next("failed");
  await expect.poll(() => card.queue).toEqual([]);
  card.publish("app", Buffer.from(BAD));
  await first.next("failed");
  await first.stop();
  card.publish("app", Buffer.from(BAD));
  const second = device.start({ flags });
  await second.next("failed");
  expect(card.fetches).toBe(1);
  card.publish("app", Buffer.from(GOOD));
  await second.next("installed");
  card.publish("app", Buffer.from(BAD));
  await second.next("failed");
  expect(card.fetches).toBe(3);
});

test("a program that still runs when the time is over is well, and is stopped for its successor and with the agent", async () => {
  const device = await startDevice();
  const flags = await withRule(device, { seconds: 0.2 });
  device.fake.card.publish("app", Buffer.from(LASTS));
  const agent = device.spawn({ flags });
  await agent.next("installed");
  device.fake.card.publish("app", Buffer.from(`${LASTS}# 2\n`));
  await agent.next("installed");
  expect(await ran(device)).toBe("lasts\nlasts\n");
  expect(await agent.stop()).toBe(0);
});

test("a version under trial when the agent was killed is tried again, and taken back when that goes on", async () => {
  const device = await startDevice();
  const flags = await withRule(device);
  device.fake.card.publish("app", Buffer.from(GOOD));
  const first = device.spawn({ flags });
  await first.next("installed");
  await first.stop();
  device.fake.card.publish("app", Buffer.from(`${LASTS}# takes the agent down\n`));
  for (let starts = 1; starts <= 3; starts += 1) {
    const agent = device.spawn({ flags });
    await agent.next("running");
    await agent.stop("SIGKILL");
  }
  const last = device.spawn({ flags });
  expect(await last.next("restored")).toMatchObject({ path: "app" });
  expect(await last.next("failed")).toMatchObject({ reason: "run" });
  expect(await app(device)).toBe(GOOD);
  expect(device.fake.card.fetches).toBe(2);
});

test.each([
  ["app/*.py", ["app/a.py", "app/.py"], ["app/a/b.py", "xapp/a.py", "app/a.pyc", "app/a.py\n"]],
  ["**/*.py", ["a.py", "a/b.py", "a/b/c.py"], ["a.sh", "a/py"]],
  ["app/**", ["app/a", "app/a/b"], ["app", "apps/a"]],
  ["a?c+(1).[x]{2}|$^", ["abc+(1).[x]{2}|$^"], ["ac+(1).[x]{2}|$^", "a/c+(1).[x]{2}|$^", "abcc(1).x"]],
])("the pattern %s", (match, matching, others) => {
  const rules: RunRule[] = [{ match, command: ["x"], seconds: 1 }];
  expect(matching.filter((each) => ruleFor(rules, each) === undefined)).toEqual([]);
  expect(others.filter((each) => ruleFor(rules, each) !== undefined)).toEqual([]);
});

test("a command gets the path as it is, and no shell", () => {
  const rule: RunRule = { match: "**", command: ["sh", "-c", "x", "{path}", "--file={path}"], seconds: 1 };
  const place = "/srv/a b;$(rm -rf $&)";
  expect(commandFor(rule, place)).toEqual(["sh", "-c", "x", place, `--file=${place}`]);
});
