import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { takeAttributes } from "../../../agent/install/take-attributes.ts";
import { startDevice } from "../support/agent-under-test.ts";

const run = promisify(execFile);

/** A folder with a `cp` of our own in it. */
async function folderWithCp(script: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-cp-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, "cp"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

const DENIED =
  "echo \"cp: setting attribute 'security.capability' for 'x': Operation not permitted\" >&2; exit 1";

test.each<[string, string, string | undefined]>([
  ["carries all", "exit 0", undefined],
  [
    "may not carry one",
    DENIED,
    "cp: setting attribute 'security.capability' for 'x': Operation not permitted",
  ],
  ["does not know how", "echo \"cp: unrecognized option '--attributes-only'\" >&2; exit 1", undefined],
  ["says nothing", "exit 1", undefined],
])("a program that %s", async (_what, script, lost) => {
  const program = path.join(await folderWithCp(script), "cp");
  expect(await takeAttributes("from", "to", program)).toBe(lost);
});

test("without such a program nothing is known to be lost", async () => {
  expect(await takeAttributes("from", "to", "/nowhere/cp")).toBeUndefined();
});

async function updated(env: Record<string, string>, prepare: (file: string) => Promise<void>) {
  const device = await startDevice();
  const file = path.join(device.root, "tool");
  await writeFile(file, "old", { mode: 0o750 });
  await prepare(file);
  device.fake.card.publish("tool", Buffer.from("new"));
  const agent = device.spawn({ env });
  await agent.next("installed");
  expect(await readFile(file, "utf8")).toBe("new");
  return { agent, file };
}

test("an update keeps the capabilities of the program that it replaces", async () => {
  const setcap = (file: string) => run("setcap", ["cap_net_raw+ep", file]);
  let able = true;
  const { agent, file } = await updated({ PATH: process.env.PATH ?? "" }, async (old) => {
    able = await setcap(old).then(
      () => true,
      () => false,
    );
  });
  // Where a test may not give a capability there is none to keep; the next test stands for this one.
  if (able) expect((await run("getcap", [file])).stdout).toContain("cap_net_raw");
  expect(agent.events.some(({ event }) => event === "attributes-lost")).toBe(false);
});

test("an update that cannot keep an attribute says so, and is installed", async () => {
  const PATH = `${await folderWithCp(DENIED)}:${process.env.PATH}`;
  const { agent } = await updated({ PATH }, async () => undefined);
  expect(await agent.next("attributes-lost")).toMatchObject({
    name: "tool",
    path: "tool",
    detail: expect.stringContaining("security.capability"),
  });
});
