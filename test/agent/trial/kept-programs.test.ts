import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openKeptPrograms } from "../../../agent/trial/kept-programs.ts";
import { createProcessNotes } from "../../../agent/trial/process-notes.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { ran, withRule } from "../support/app-rule.ts";
import { lives } from "../support/processes.ts";

/** Writes its process id and runs on. */
const LASTS = "#!/bin/sh\necho $$ >> ran\nexec sleep 60\n";

/** The process ids that the device's program wrote. */
const started = async (device: Device) => (await ran(device)).map(Number);

async function runningDevice(version: string, seconds: number) {
  const device = await startDevice();
  const flags = await withRule(device, { seconds });
  device.fake.card.publish("app", Buffer.from(version));
  const agent = device.spawn({ flags });
  return { device, flags, agent };
}

test.each(["SIGTERM", "SIGKILL"] as const)(
  "a program that lasts is started again with the agent, once, after %s",
  async (signal) => {
    const { device, flags, agent } = await runningDevice(LASTS, 0.2);
    await agent.next("installed");
    await expect.poll(() => started(device)).toHaveLength(1); // a shell may take longer to begin than its trial
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    await agent.stop(signal);
    const next = device.spawn({ flags });
    expect(await next.next("running")).toMatchObject({ path: "app", name: "app" });
    await next.next("ready");
    await expect.poll(() => started(device)).toHaveLength(2);
    const [first, second] = await started(device);
    expect([lives(first), lives(second)]).toEqual([false, true]);
    await next.stop();
    expect(lives(second)).toBe(false);
  },
);

test("a program under trial that outlives a killed agent is ended before it is started again", async () => {
  const { device, flags, agent } = await runningDevice(LASTS, 2);
  await expect.poll(() => started(device)).toHaveLength(1);
  await agent.stop("SIGKILL");
  const next = device.spawn({ flags });
  await expect.poll(() => started(device)).toHaveLength(2);
  const [first, second] = await started(device);
  expect([lives(first), lives(second)]).toEqual([false, true]);
  await next.next("unchanged");
});

test("a program that ended well is not started again, whenever it did", async () => {
  const { device, flags, agent } = await runningDevice("#!/bin/sh\necho $$ >> ran\nsleep 1\n", 0.2);
  await agent.next("installed");
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  const kept = () => readKept(device);
  await expect.poll(kept).toEqual([]);
  await agent.stop();
  const next = device.spawn({ flags });
  await next.next("ready");
  expect(next.events.some(({ event }) => event === "running")).toBe(false);
});

async function readKept({ state }: Device): Promise<string[]> {
  return (await openKeptPrograms(path.join(state, "programs.json"))).all();
}

test("only the process that was noted is ended, not one that has its number", async () => {
  const { folder } = await startDevice();
  const file = path.join(folder, "processes.json");
  const programs = [1, 2].map(() => spawn("sleep", ["60"], { detached: true, stdio: "ignore" }));
  onTestFinished(() => programs.forEach((program) => void program.kill("SIGKILL")));
  const [own, other] = programs.map(({ pid }) => pid ?? 0);
  createProcessNotes(file).note(own ?? 0);
  const noted = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify([...noted, { ...noted[0], pid: other, started: "1" }, { pid: 1 }]));
  await createProcessNotes(file).endLeftOvers(); // a note of no sense spoils all: nothing is ended
  expect([lives(own), lives(other)]).toEqual([true, true]);
  await writeFile(file, JSON.stringify([...noted, { ...noted[0], pid: other, started: "1" }]));
  await createProcessNotes(file).endLeftOvers();
  await expect.poll(() => programs[0]?.signalCode).toBe("SIGTERM");
  expect(lives(other)).toBe(true);
});
