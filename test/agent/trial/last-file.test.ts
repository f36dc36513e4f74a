import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { withRule } from "../support/app-rule.ts";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { lives } from "../support/processes.ts";

type Command = [string, ...string[]];
const RUNS = Buffer.from("echo $$ > pid; exec sleep 60");

/** A device whose fleet brings a program, and what the program needs. */
async function deviceWithProgram(command: Command) {
  const device = await deviceOfFleet({ prune: true });
  const flags = await withRule(device, { match: "app/**", command, seconds: 0.2 });
  device.fleet.announce({ "app/main.sh": RUNS, "app/lib": Buffer.from("lib"), other: Buffer.from("o") });
  const agent = device.start({ flags });
  await agent.next("brought");
  const kept = async (): Promise<string[]> =>
    JSON.parse(await readFile(path.join(device.state, "programs.json"), "utf8"));
  return { ...device, flags, agent, kept };
}

test.each<Command>([
  ["sh", "app/main.sh"],
  ["sh", "./app/main.sh", "--fast"],
])("a program that leaves with all files of its rule is stopped, and they go: %s %s", async (...command) => {
  const { fleet, agent, content, receipts, kept } = await deviceWithProgram(command);
  const pid = Number(await content("pid"));
  expect(lives(pid)).toBe(true);
  const { serial } = fleet.announce({ "app/main.sh": undefined, "app/lib": undefined });
  expect(await agent.next("brought")).toMatchObject({ removed: 2, exceptions: 0 });
  expect(await content("app/main.sh")).toBeUndefined();
  expect(lives(pid)).toBe(false);
  expect(await kept()).toEqual([]);
  await expect.poll(() => receipts().at(-1)).toMatchObject({ serial, removed: 2 });
});

test("a program that leaves while other files of its rule stay is put back", async () => {
  const { fleet, agent, content } = await deviceWithProgram(["sh", "app/main.sh"]);
  fleet.announce({ "app/main.sh": undefined });
  expect(await agent.next("brought")).toMatchObject({ removed: 0, exceptions: 1 });
  expect(await content("app/main.sh")).toEqual(RUNS);
});

test("a program that is elsewhere is tried without them, and missed by no later start", async () => {
  const { fleet, agent, start, flags, kept } = await deviceWithProgram(["sleep", "60"]);
  fleet.announce({ "app/main.sh": undefined, "app/lib": undefined });
  expect(await agent.next("brought")).toMatchObject({ removed: 2, exceptions: 0 });
  await agent.stop();
  const next = start({ flags });
  await next.next("ready");
  expect(next.events.filter(({ event }) => event === "stopped")).toEqual([]);
  expect(await kept()).toEqual([]);
});
