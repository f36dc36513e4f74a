import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { runRules } from "../../../agent/commands/setting-values.ts";
import { failuresInARow, isWorthAReceipt, restartMs } from "../../../agent/trial/restarts.ts";
import type { RunRule } from "../../../agent/trial/run-rule.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { app, ran, withRule } from "../support/app-rule.ts";

/** Outlives its trial of 0.2 s. */
const later = (end: string) => `#!/bin/sh\necho $$ >> ran\nsleep 0.5\n${end}\n`;
const RUNS_ON = "#!/bin/sh\necho $$ >> ran\nexec sleep 30\n";

async function runningDevice(version: string, rule: Partial<RunRule> = {}) {
  const device = await startDevice();
  const flags = await withRule(device, { seconds: 0.2, ...rule });
  device.fake.card.publish("app", Buffer.from(version));
  const agent = device.spawn({ flags });
  await agent.next("installed");
  return { device, flags, agent };
}

const receiptsOf = ({ fake }: Device) => fake.card.receipts.map((receipt) => Object(receipt));
const stopsIn = (device: Device) => receiptsOf(device).filter(({ state }) => state === "stopped");

describe("[NF-9.6] a program that was kept running and ends later is told, by an event and a receipt:", () => {
  test.each([
    ["exit 7", "exit 7", "it ended with 7"],
    ["kill -SEGV $$", "SIGSEGV", "it was ended by SIGSEGV"],
    ["exit 0", "exit 0", "it ended with 0"],
  ])("%s", async (end, reason, detail) => {
    const { device, flags, agent } = await runningDevice(later(end));
    const stopped = await agent.next("stopped");
    expect(stopped).toEqual({ event: "stopped", name: "app", path: "app", reason, detail });
    await expect.poll(() => receiptsOf(device).map(({ state }) => state)).toEqual(["installed", "stopped"]);
    const [installed, told] = receiptsOf(device);
    expect(told).toEqual({ ...installed, state: "stopped", reason, bytes: 0, requests: 0 });
    await agent.stop();
    const next = device.spawn({ flags });
    await next.next("ready");
    // It counts as kept until it ends well: the next run of the agent starts it again, as before.
    await expect.poll(() => ran(device)).toHaveLength(reason === "exit 0" ? 1 : 2);
  });

  test("one that fails within its seconds after the agent has started again is told too", async () => {
    const { device, flags, agent } = await runningDevice(
      "#!/bin/sh\n[ -e again ] && exit 5\n: > again\nexec sleep 30\n",
    );
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    await agent.stop();
    expect(await device.spawn({ flags }).next("stopped")).toMatchObject({ reason: "exit 5" });
    await expect.poll(() => stopsIn(device)).toHaveLength(1);
  });

  test("the agent's own stop is no program's, though its program is ended first", async () => {
    const { device, flags, agent } = await runningDevice(RUNS_ON);
    await expect.poll(() => ran(device)).toHaveLength(1); // a shell may take longer to begin than its trial
    process.kill(Number((await ran(device))[0]), "SIGTERM");
    await sleep(20);
    await agent.stop();
    expect(agent.events.filter(({ event }) => event === "stopped")).toEqual([]);
    const next = device.spawn({ flags });
    await expect.poll(() => ran(device)).toHaveLength(2);
    await next.stop();
    expect(next.events.filter(({ event }) => event === "stopped")).toEqual([]);
    expect(stopsIn(device)).toEqual([]);
  });
});

describe("with restart, a program that fails later is started again", () => {
  test("each time, which is told each time, but by few receipts", async () => {
    const { device, agent } = await runningDevice(later("exit 7"), { restart: 0.01 });
    for (let stops = 1; stops <= 5; stops += 1) {
      const { restartSeconds = 0 } = await agent.next("stopped");
      expect(restartSeconds).toBeGreaterThanOrEqual((0.01 * 2 ** (stops - 1)) / 2);
      expect(restartSeconds).toBeLessThanOrEqual(0.01 * 2 ** (stops - 1));
    }
    await expect.poll(() => ran(device)).toHaveLength(6);
    expect(agent.events.filter(({ event }) => event === "running").length).toBeGreaterThanOrEqual(6);
    expect(stopsIn(device)).toHaveLength(3); // of stops 1, 2 and 4
  });

  test("and not if it ends with 0, or another version has come in the meantime", async () => {
    const { device, agent } = await runningDevice(later("exit 7"), { restart: 3 }); // by then the other has come
    await agent.next("stopped");
    device.fake.card.publish("app", Buffer.from(`${later("exit 0")}# 2\n`));
    expect(await agent.next("stopped")).toMatchObject({ reason: "exit 0" });
    await sleep(3_100);
    expect(await ran(device)).toHaveLength(2);
    await agent.stop();
  });

  test("and not once the agent is told to stop", async () => {
    const { device, agent } = await runningDevice(later("exit 7"), { restart: 0.7 });
    await agent.next("stopped");
    expect(await agent.stop()).toBe(0);
    await sleep(800);
    expect(await ran(device)).toHaveLength(1);
  });

  test("and the version before, which a failed one has replaced, too", async () => {
    const { device, agent } = await runningDevice(later("exit 7"), { restart: 0.3 });
    device.fake.card.publish("app", Buffer.from("#!/bin/sh\nexit 4\n"));
    await agent.next("failed");
    expect(await app(device)).toBe(later("exit 7"));
    expect(await agent.next("stopped")).toMatchObject({ reason: "exit 7" });
  });
});

test("pauses double up to five minutes or what the rule says, and begin anew after a steady run", () => {
  const pauses = [1, 2, 3, 9, 10, 40].map((failures) => restartMs(1_000, failures, 1));
  expect(pauses).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  expect(restartMs(1_000, 2, 0)).toBe(1_000);
  expect(restartMs(3_600_000, 5, 1)).toBe(3_600_000);
  expect([failuresInARow(3, 59_999), failuresInARow(3, 60_000)]).toEqual([4, 1]);
});

test("a program that stops for ever costs few receipts", () => {
  const worth = Array.from({ length: 1_000_000 }, (_, at) => isWorthAReceipt(at + 1, 0)).filter(Boolean);
  expect(worth).toHaveLength(20);
  expect([isWorthAReceipt(3, 86_400_000), isWorthAReceipt(3, 86_399_999)]).toEqual([true, false]);
});

test.each([
  [true, 1],
  [false, undefined],
  [undefined, undefined],
  [30, 30],
])("restart %j is %j seconds", (restart, seconds) => {
  expect(v.parse(runRules, [{ match: "a", command: ["a"], restart }])[0]?.restart).toBe(seconds);
});

describe("a script whose first line ends with a carriage return", () => {
  test.each([
    [
      "/bin/sh",
      'its first line ends with a carriage return, so the system looks for "/bin/sh\\r": save it with LF',
    ],
    [
      "/usr/bin/env sh",
      'it ended with 127: its first line ends with a carriage return, so the system looks for "/usr/bin/env sh\\r"',
    ],
  ])("is told so: %s", async (interpreter, says) => {
    const device = await startDevice();
    device.fake.card.publish("app", Buffer.from(`#!${interpreter}\r\necho x\r\n`));
    const { reason, detail } = await device.start({ flags: await withRule(device) }).next("failed");
    expect({ reason, detail }).toEqual({ reason: "run", detail: expect.stringContaining(says) });
    expect(detail).not.toContain("ENOENT");
  });

  test("is not blamed for what else goes wrong", async () => {
    const device = await startDevice();
    const agent = device.start({ flags: await withRule(device) });
    for (const [version, says] of [
      ["#!/nowhere/sh -e\n", "its first line asks for /nowhere/sh, which is not there (ENOENT)"],
      ["#!/bin/sh\nexit 127\n", "it ended with 127"],
    ] as const) {
      device.fake.card.publish("app", Buffer.from(version));
      expect(await agent.next("failed")).toMatchObject({ detail: says });
    }
  });
});
