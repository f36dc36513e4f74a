import { cp, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect } from "vitest";
import { type Device, type RunningAgent, startDevice } from "../../support/agent-under-test.ts";
import { ran, withRule } from "../../support/app-rule.ts";
import { filesBelow } from "../../support/files-below.ts";
import { runCommand } from "../../support/run-command.ts";
import { LONG } from "./cases.ts";

/** Three files in two folders, the last of which only the update brings: the first character of each is its version. */
const FILES = ["app/a", "app/b", "app/sub/c"];

/** Writes down what it was started with, and runs where the first two are of one version. */
const PROGRAM = `v() { [ -e $1 ] && head -c 1 $1 || printf -- -; }
echo "$(v app/a)$(v app/b)$(v app/sub/c)" >> ran
[ "$(v app/a)" = "$(v app/b)" ]`;

export const OLD = "11-";
/** An update that runs, and one that does not. */
export const GOOD = "222";
export const BAD = "232";

const PATIENCE_MS = 180_000;

export type UnitDevice = Device & { flags: string[] };

function publish({ fake }: Device, versions: string): void {
  for (const [at, name] of FILES.entries()) {
    const version = versions[at] ?? "-";
    if (version !== "-") fake.card.publish(name, Buffer.from(version.repeat(9000)));
  }
}

async function flagsOf(device: Device): Promise<string[]> {
  const command = ["sh", "-c", PROGRAM] satisfies [string, ...string[]];
  return [...(await withRule(device, { match: "app/**", command })), "--quiet", "0.05"];
}

let template: Promise<string> | undefined;

/** The root and the state folder of a device that has the old unit: an agent brings it there once, and not for each of thousands. */
async function makeTemplate(): Promise<string> {
  const device = await startDevice();
  publish(device, OLD);
  const agent = device.start({ flags: await flagsOf(device) });
  await expect.poll(() => device.fake.card.queue, patiently("before")).toEqual([]);
  await agent.stop();
  const kept = await mkdtemp(path.join(tmpdir(), "noteferry-unit-"));
  for (const name of ["root", "state"])
    await cp(path.join(device.folder, name), path.join(kept, name), { recursive: true });
  await device.end();
  return kept;
}

afterAll(async () => {
  if (template !== undefined) await rm(await template, { recursive: true, force: true });
});

/** A device that has the old unit, with another one announced. */
export async function unitDevice(update: string): Promise<UnitDevice> {
  template ??= makeTemplate();
  const device = await startDevice();
  const flags = await flagsOf(device);
  for (const name of ["root", "state"])
    await cp(path.join(await template, name), path.join(device.folder, name), { recursive: true });
  await writeFile(
    path.join(device.state, "root.json"),
    JSON.stringify({ version: 1, root: await realpath(device.root) }),
  );
  publish(device, update);
  device.fake.card.served = 0;
  return { ...device, flags };
}

/** The versions that are in place. */
export async function versionsOf({ root }: Device): Promise<string> {
  const versions = FILES.map((name) => readFile(path.join(root, name), "utf8").catch(() => "-"));
  return (await Promise.all(versions)).map(([first]) => first).join("");
}

/** As a service does before its program starts: all is old or new after it, and nothing else has been started yet. */
export async function expectRecovered(device: UnitDevice, update: string, what: string): Promise<void> {
  const { stdout, stderr } = await runCommand("recover", "--root", device.root, "--state", device.state);
  expect([OLD, update], `${what}: ${stdout}${stderr}`).toContain(await versionsOf(device));
}

/** A long run goes on beside much else. */
const patiently = (message: string) => ({ message, ...(LONG && { timeout: PATIENCE_MS }) });

/** Whoever comes next brings the unit to its end, and its program was started with all old or all new, ever. */
export async function expectUnitEnd(
  device: UnitDevice,
  update: string,
  what: string,
  agent: RunningAgent = device.start({ flags: device.flags }),
): Promise<void> {
  const end = update === GOOD ? GOOD : OLD;
  await expect.poll(() => device.fake.card.queue, patiently(what)).toEqual([]);
  await expect.poll(() => readdir(path.join(device.state, "trials")), patiently(what)).toEqual([]);
  await expect.poll(async () => (await ran(device)).at(-1), patiently(what)).toBe(end);
  await agent.stop();
  expect(await versionsOf(device), what).toBe(end);
  const starts = await ran(device);
  expect(
    starts.filter((each) => each !== OLD && each !== update),
    `${what}: starts with a mixture`,
  ).toEqual([]);
  const files = FILES.filter((_, at) => end[at] !== "-");
  expect(await filesBelow(device.root), what).toEqual([...files, "ran"].toSorted());
}
