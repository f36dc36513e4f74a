import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createPrograms } from "../../../agent/trial/programs.ts";
import { commandFor, type RunRule, ruleFor } from "../../../agent/trial/run-rule.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { app, BAD, GOOD, LASTS, ran, withRule } from "../support/app-rule.ts";

const DIES = "#!/bin/sh\necho dies >> ran\nkill -9 $$\n";

test("an installed file is run", async () => {
  const device = await startDevice();
  device.fake.card.publish("app", Buffer.from(GOOD));
  device.fake.card.publish("other", Buffer.from(BAD));
  const agent = device.start({ flags: await withRule(device) });
  await agent.next("installed");
  await agent.next("installed");
  expect(await ran(device)).toEqual(["good"]);
});

test.each([
  ["ends badly", BAD, ["bad"], "ended with 3", "exit 3"],
  ["dies", DIES, ["dies"], "ended by SIGKILL", "SIGKILL"],
  ["cannot be started", "#!/nowhere\n", [], "ENOENT", "start"],
  ["cannot even be tried", "#!/etc/passwd/x\n", [], "ENOTDIR", "start"],
])(
  "a version that %s is taken back, and the one before runs again [NF-9.9]",
  async (_what, version, says, why, ended) => {
    const device = await startDevice();
    const flags = await withRule(device);
    device.fake.card.publish("app", Buffer.from(GOOD));
    const agent = device.start({ flags });
    await agent.next("installed");
    device.fake.card.publish("app", Buffer.from(version));
    expect(await agent.next("failed")).toMatchObject({ reason: "run", detail: expect.stringContaining(why) });
    expect(await app(device)).toBe(GOOD);
    await expect.poll(() => ran(device)).toEqual(["good", ...says, "good"]);
    await expect
      .poll(() => device.fake.card.receipts.at(-1))
      .toMatchObject({ state: "failed", reason: "run", ended });
  },
);

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
  await expect.poll(() => ran(device)).toEqual(["lasts", "lasts"]);
  expect(await agent.stop()).toBe(0);
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

test("a new version is not started if the agent is told to stop while the one before ends", async () => {
  const { root } = await startDevice();
  const started: number[] = [];
  let starts = 0;
  const kept = {
    ...{ all: () => [], digestOf: () => undefined },
    ...{ add: async () => undefined, delete: async () => undefined },
  };
  const notes = { note: (pid: number) => void started.push(pid), endLeftOvers: async () => undefined };
  const programs = createPrograms(root, kept, notes);
  onTestFinished(() => programs.stop());
  const rule: RunRule = { match: "app", command: ["sleep", "30"], seconds: 0 };
  const stopping = new AbortController();
  const starting = () => {
    starts += 1;
  };
  expect(await programs.run(rule, "app", stopping.signal, starting)).toEqual({ ok: true });
  const second = programs.run(rule, "app", stopping.signal, starting);
  stopping.abort();
  await expect(second).rejects.toThrow("aborted");
  expect({ started: started.length, starts }).toEqual({ started: 1, starts: 1 });
});

test("a program that waits to be started again is not, while the files of its rule are being put in place", async () => {
  const { root } = await startDevice();
  const started: number[] = [];
  const kept = {
    ...{ all: () => [], digestOf: () => undefined },
    ...{ add: async () => undefined, delete: async () => undefined },
  };
  const notes = { note: (pid: number) => void started.push(pid), endLeftOvers: async () => undefined };
  const ended = Promise.withResolvers<void>();
  const news = { stopped: () => ended.resolve(), restarting: () => undefined, well: () => undefined };
  const vouch = async () => ({ sha256: "s" });
  const programs = createPrograms(root, kept, notes, news, undefined, vouch);
  onTestFinished(() => programs.stop());
  const rule: RunRule = {
    match: "app",
    command: ["sh", "-c", "sleep 0.1; exit 1"],
    seconds: 0,
    restart: 0.01,
  };
  await programs.run(rule, "app", new AbortController().signal, () => undefined);
  programs.hold(rule);
  await ended.promise;
  await sleep(200);
  expect(started).toHaveLength(1);
  programs.release(rule);
  await expect.poll(() => started.length).toBeGreaterThan(1);
});
