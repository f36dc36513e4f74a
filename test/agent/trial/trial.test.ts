import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { isStoppedByItself, judgeTrial } from "../../../agent/trial/judge-trial.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { app, GOOD, LASTS, ran, withRule } from "../support/app-rule.ts";
import { withDisk } from "../support/updated-device.ts";

/** Runs the first time, and not again. */
const FAILS_LATER = "#!/bin/sh\n[ -e run-once ] && exit 3\n: > run-once\necho start >> ran\nexec sleep 30\n";

async function updatedDevice(flags: (device: Device) => Promise<string[]>, version: string) {
  const device = await startDevice();
  const given = await flags(device);
  device.fake.card.publish("app", Buffer.from(GOOD));
  const agent = device.spawn({ flags: given });
  await agent.next("installed");
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  await agent.stop();
  device.fake.card.publish("app", Buffer.from(version));
  return { device, flags: given };
}

test("a version under trial when the agent was killed is tried again, and taken back when that goes on", async () => {
  const { device, flags } = await updatedDevice(withRule, LASTS);
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
  await expect.poll(() => device.fake.card.receipts.at(-1)).toMatchObject({ reason: "run", ended: "agent" });
});

describe("a version under trial when the agent is stopped", () => {
  test("is tried again, and taken back if it does not run", async () => {
    const { device, flags } = await updatedDevice(withRule, FAILS_LATER);
    const agent = device.spawn({ flags });
    await expect.poll(() => ran(device)).toEqual(["good", "start"]);
    expect(await agent.stop()).toBe(0);
    const next = device.spawn({ flags });
    expect(await next.next("running")).toMatchObject({ path: "app" });
    expect(await next.next("failed")).toMatchObject({ reason: "run", detail: "it ended with 3" });
    expect(await app(device)).toBe(GOOD);
  });

  test("is not blamed for a stop that ends its program first", async () => {
    const { device, flags } = await updatedDevice(
      (each) => withRule(each, { seconds: 3 }),
      "#!/bin/sh\necho $$ >> ran\nexec sleep 30\n",
    );
    const agent = device.spawn({ flags });
    await expect.poll(() => ran(device)).toHaveLength(2);
    process.kill(Number((await ran(device))[1]), "SIGTERM");
    await sleep(20);
    expect(await agent.stop()).toBe(0);
    const next = device.spawn({ flags });
    expect(await next.next("unchanged")).toMatchObject({ path: "app" });
    expect(next.events.some(({ event }) => event === "restored")).toBe(false);
  });
});

test("a version that fails late is taken back, though the agent was stopped in its first trials", async () => {
  const { device, flags } = await updatedDevice(withRule, "#!/bin/sh\necho late >> ran\nsleep 0.7\nexit 3\n");
  for (let stops = 1; stops <= 2; stops += 1) {
    const agent = device.spawn({ flags });
    await expect.poll(() => ran(device)).toHaveLength(1 + stops);
    expect(await agent.stop()).toBe(0);
  }
  expect(await device.spawn({ flags }).next("failed")).toMatchObject({ reason: "run" });
  expect(await app(device)).toBe(GOOD);
});

test("a version that changes itself and kills the agent is taken back all the same", async () => {
  const changesItself = "#!/bin/sh\necho '# changed' >> $0\nkill -9 $PPID\n";
  const { device, flags } = await updatedDevice(withRule, changesItself);
  for (let starts = 1; starts <= 3; starts += 1) await device.spawn({ flags }).ended;
  expect(await device.spawn({ flags }).next("restored")).toMatchObject({ path: "app" });
  expect(await app(device)).toBe(GOOD);
});

test("a version that restarts the agent, as its own update does, is accepted, and is not started for ever", async () => {
  const update = "#!/bin/sh\necho update >> ran\nkill -TERM $PPID\nexec sleep 30\n";
  const { device, flags } = await updatedDevice(withRule, update);
  for (let starts = 1; starts <= 3; starts += 1) expect(await device.spawn({ flags }).ended).toBe(0);
  const agent = device.spawn({ flags });
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  await agent.next("ready");
  expect(agent.events.some(({ event }) => event === "running")).toBe(false);
  expect(await app(device)).toBe(update);
  expect((await ran(device)).filter((word) => word === "update")).toHaveLength(3);
  expect(device.fake.card.receipts.at(-1)).toMatchObject({ state: "unchanged" });
});

test("a version in its place that could not be started is started before it counts as unchanged", async () => {
  const device = await startDevice();
  const trouble = path.join(device.folder, "trouble");
  await writeFile(trouble, "");
  const slow = "#!/bin/sh\nsleep 0.5\necho slow >> ran\n"; // longer than the rest before the next attempt
  device.fake.card.publish("app", Buffer.from(slow));
  const faults = [{ like: "^sync \\S*/root$", during: trouble, code: "EIO" }]; // just after the rename
  const agent = device.spawn(withDisk(faults, await withRule(device)));
  expect(await agent.next("failed")).toMatchObject({ reason: "storage" });
  expect(await app(device)).toBe(slow);
  await rm(trouble);
  await agent.next("unchanged");
  expect(await ran(device)).toEqual(["slow"]);
});

describe("the verdict on a trial that was not seen to the end", () => {
  const trial = { starts: 1, stops: 0, condemned: false };

  test.each([
    ["is not in its place", trial, false, true, "forget"],
    ["is there", trial, true, true, "start"],
    ["is there, and no rule asks for a trial any more", trial, true, false, "accept"],
    ["took the agent down three times", { ...trial, starts: 3, stops: 1 }, true, true, "take-back"],
    ["had the agent stopped once", { ...trial, starts: 2, stops: 1 }, true, true, "start"],
    ["had the agent stopped twice", { ...trial, starts: 0, stops: 2 }, true, true, "start"],
    ["was seen to fail", { ...trial, stops: 2, condemned: true }, true, false, "take-back"],
    ["was seen to fail, and is gone", { ...trial, condemned: true }, false, true, "take-back"],
  ])("if the version %s", (_what, standing, inPlace, hasRule, verdict) => {
    expect(judgeTrial(standing, inPlace, hasRule)).toBe(verdict);
  });

  test("comes within few starts, whatever ends the agent", () => {
    for (const ends of [[true], [false], [true, false], [false, false, true]]) {
      let standing = trial;
      let starts = 1;
      for (; judgeTrial(standing, true, true) === "start"; starts += 1) {
        const stopped = ends[starts % ends.length];
        const { starts: died, stops } = standing;
        if (stopped && isStoppedByItself(standing)) break;
        standing = stopped ? { ...standing, stops: stops + 1 } : { ...standing, starts: died + 1 };
      }
      expect(starts).toBeLessThanOrEqual(5);
    }
  });
});
