import { existsSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { RunRule } from "../../../agent/trial/run-rule.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { app, BAD, LASTS, ran, withRule } from "../support/app-rule.ts";

const PLANTED = "#!/bin/sh\necho planted >> ran\nexec sleep 30\n";
const NOT_INSTALLED = { reason: "start", detail: expect.stringContaining("not what was installed") };

const put = async ({ root }: Device, content: string, name = "app") => {
  await writeFile(path.join(root, name), content);
  await chmod(path.join(root, name), 0o755);
};

/** A device whose program was kept when its agent stopped. */
async function keptDevice(rule: Partial<RunRule> = {}) {
  const device = await startDevice();
  const flags = await withRule(device, { seconds: 0.1, ...rule });
  device.fake.card.publish("app", Buffer.from(LASTS));
  const agent = device.start({ flags });
  await agent.next("installed");
  await expect.poll(() => ran(device)).toEqual(["lasts"]); // a shell may take longer to begin than its trial
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  await agent.stop();
  return { device, flags };
}

describe("a program that is kept is started again", () => {
  test("only if its file is what was installed, which is told if not", async () => {
    const { device, flags } = await keptDevice();
    await put(device, PLANTED);
    const agent = device.start({ flags });
    expect(await agent.next("stopped")).toMatchObject({ path: "app", ...NOT_INSTALLED });
    await agent.next("ready");
    await expect.poll(() => device.fake.card.receipts.at(-1)).toMatchObject({ state: "stopped" });
    await agent.stop();
    expect(await ran(device)).toEqual(["lasts"]);
    expect(agent.events.filter(({ event }) => event === "running")).toEqual([]);
    await put(device, LASTS);
    await device.start({ flags }).next("running");
    await expect.poll(() => ran(device)).toEqual(["lasts", "lasts"]);
  });

  test("and not if nothing was installed there", async () => {
    const { device, flags } = await keptDevice({ match: "*" });
    await put(device, PLANTED, "planted");
    await writeFile(path.join(device.state, "programs.json"), '["app", "planted"]', { mode: 0o600 });
    const agent = device.start({ flags });
    expect(await agent.next("stopped")).toMatchObject({ path: "planted", ...NOT_INSTALLED });
    await agent.stop();
    expect(await ran(device)).toEqual(["lasts"]);
  });

  test.each(["programs-digests.json", "installed.json"])("though %s is lost", async (lost) => {
    const { device, flags } = await keptDevice();
    await rm(path.join(device.state, lost)); // the first: as an earlier version of the agent leaves it
    await device.start({ flags }).next("running");
    await expect.poll(() => ran(device)).toEqual(["lasts", "lasts"]);
  });

  test("by restart, only if it has not been replaced since", async () => {
    const changes = "#!/bin/sh\necho once >> ran\nsleep 0.4\necho '# changed' >> $0\nexit 7\n";
    const device = await startDevice();
    device.fake.card.publish("app", Buffer.from(changes));
    const agent = device.start({ flags: await withRule(device, { seconds: 0.1, restart: 0.01 }) });
    expect(await agent.next("stopped")).toMatchObject({ reason: "exit 7" });
    expect(await agent.next("stopped")).toMatchObject(NOT_INSTALLED);
    expect(await ran(device)).toEqual(["once"]);
  });
});

test("a program that was there before the agent is put back, and started again as long as it is the same", async () => {
  const device = await startDevice();
  const flags = await withRule(device, { seconds: 0.1 });
  await put(device, LASTS);
  device.fake.card.publish("app", Buffer.from(BAD));
  const first = device.start({ flags });
  await first.next("failed");
  expect(await app(device)).toBe(LASTS);
  await expect.poll(() => ran(device)).toEqual(["bad", "lasts"]);
  const kept = path.join(device.state, "programs-digests.json");
  await expect.poll(() => existsSync(kept)).toBe(true);
  await first.stop();
  const second = device.start({ flags });
  await second.next("running");
  await second.stop();
  await put(device, PLANTED);
  expect(await device.start({ flags }).next("stopped")).toMatchObject(NOT_INSTALLED);
});
