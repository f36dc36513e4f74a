import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { withDisk } from "../support/updated-device.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../agent/main.ts");

/** Runs an agent that finds `from` mounted over `to`, in mounts of its own. @returns its first events, up to one of `last`. */
async function eventsWithMount({ fake, root, state }: Device, from: string, to: string, last: string) {
  const settings = ["--notecard", fake.address, "--root", root, "--state", state, "--fetch", "json"];
  const agent = [process.execPath, MAIN, "run", "--json", "--rest", "3600", ...settings];
  const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
  const child = spawn("unshare", ["--mount", "sh", "-c", script, "sh", from, to, ...agent], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  const events = [];
  for await (const line of createInterface(child.stdout)) {
    events.push(JSON.parse(line));
    if (events.at(-1).event === last) break;
  }
  child.kill("SIGKILL");
  await ended; // its lock on the state folder is free only then
  return events;
}

test("a file that something is mounted over is not paid for, and waits until it can be replaced", async () => {
  const device = await startDevice();
  const { fake, root, folder, start } = device;
  const [from, to] = [path.join(folder, "from"), path.join(root, "a.txt")];
  await writeFile(from, "mounted");
  await writeFile(to, "old");
  fake.card.publish("a.txt", Buffer.from("new"));
  const events = await eventsWithMount(device, from, to, "failed");
  // Where nobody may mount there is no agent either; the next test stands for this one.
  if (events.length > 0) {
    expect(events.at(-1)).toMatchObject({
      reason: "mount-point",
      detail: expect.stringMatching(/a\.txt .*mount its folder/),
    });
    expect(fake.card.fetches).toBe(0);
    expect(await readFile(from, "utf8")).toBe("mounted");
  }
  expect(fake.card.queue).toHaveLength(1);
  await start().next("installed");
  expect(await readFile(to, "utf8")).toBe("new");
});

test("a mount that only the rename shows is called one, and waits likewise", async () => {
  const { fake, root, folder, spawn: spawnAgent } = await startDevice();
  const during = path.join(folder, "mounted");
  await writeFile(during, "");
  fake.card.publish("a.txt", Buffer.from("new"));
  const agent = spawnAgent(withDisk([{ like: "^rename .*\\Wroot\\Wa\\.txt$", during, code: "EBUSY" }]));
  const { reason, retrySeconds } = await agent.next("failed");
  expect([reason, retrySeconds]).toEqual(["mount-point", expect.any(Number)]);
  await rm(during);
  await agent.next("installed");
  expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("new");
  expect(fake.card.fetches).toBe(1);
});

test("a folder that is a mount point takes files", async () => {
  const device = await startDevice();
  const { fake, root, folder } = device;
  fake.card.publish("a.txt", Buffer.from("new"));
  const events = await eventsWithMount(device, folder, folder, "installed");
  if (events.length === 0) await device.start().next("installed");
  expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("new");
});
