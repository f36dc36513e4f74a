import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { runHere, startDevice } from "../support/agent-under-test.ts";
import { ran, withRule } from "../support/app-rule.ts";

test("an agent that is given another root while a unit is on trial begins nothing there, and with its own goes on [NF-9.10]", async () => {
  const device = await startDevice();
  const { fake, root, state, folder } = device;
  const lasts = "#!/bin/sh\necho start >> ran\nexec sleep 30\n";
  const flags = await withRule(device, { seconds: 60 });
  fake.card.publish("app", Buffer.from(lasts));
  const agent = device.spawn({ flags });
  await expect.poll(() => ran(device)).toEqual(["start"]);
  await agent.stop("SIGKILL");
  const trials = await readdir(path.join(state, "trials"));
  expect(trials).toHaveLength(1);
  const other = path.join(folder, "other");
  await mkdir(other);
  const args = ["run", "--json", "--notecard", fake.address, "--root", other, "--state", state, ...flags];
  const elsewhere = runHere(args);
  expect(await elsewhere.ended).toBe(3);
  expect(elsewhere.errors.join()).toContain(`belongs below ${root}, not ${other}: give that root`);
  expect([await readdir(path.join(state, "trials")), await readdir(other)]).toEqual([trials, []]);
  device.start({ flags });
  await expect.poll(() => ran(device)).toEqual(["start", "start"]);
  expect(await readFile(path.join(root, "app"), "utf8")).toBe(lasts);
});
