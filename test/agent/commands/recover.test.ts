import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { lockStateFolder } from "../../../agent/state/lock-folder.ts";
import { recordRoot } from "../../../agent/state/recorded-root.ts";
import type { Change } from "../../../agent/trial/put-in-place.ts";
import { openTrials } from "../../../agent/trial/trials.ts";
import { changeOf } from "../support/change-of.ts";
import { AS_ROOT, NOBODY } from "../support/other-user.ts";
import { placingUnderTest } from "../support/placing-under-test.ts";
import { runCommand } from "../support/run-command.ts";

const BEFORE = { "app/a": "a1", "app/b": "b1" };

/** A device that lost power when one of the files of a unit was in its place; the others wait beside, or do not. */
async function torn({ staged, condemned = false }: { staged: boolean; condemned?: boolean }) {
  const device = await placingUnderTest([], BEFORE);
  const { installer, previous, trials } = device.files;
  const unit = { "app/a": "a2", "app/b": "b2", "app/new": "n2" };
  const members = [];
  for (const [name, content] of Object.entries(unit)) {
    const change = changeOf(name, content);
    const { announcement } = change;
    if (staged || name === "app/a") await installer.stage(name, contentOf(change), announcement);
    await installer.lend(name, async (file) => file && previous.keep(name, file));
    const kept = await installer.digest(name);
    members.push({
      path: name,
      version: { ...announcement, etag: announcement.etag ?? "" },
      ...(kept && { kept }),
    });
  }
  await trials.begin(members);
  await installer.putStaged("app/a");
  if (condemned) await trials.condemn("app/a");
  return { ...device, unit };
}

async function* contentOf({ content }: Change) {
  if (content !== undefined) yield* content();
}

const recover = ({ root, state }: { root: string; state: string }) =>
  runCommand("recover", "--root", root, "--state", state, "--json");

describe("recover", () => {
  test("finishes a unit of which all is there, and leaves the trial to the agent", async () => {
    const device = await torn({ staged: true });
    const { code, stdout } = await recover(device);
    expect({ code, units: JSON.parse(stdout) }).toEqual({
      code: 0,
      units: [{ paths: ["app/a", "app/b", "app/new"], end: "in-place" }],
    });
    expect(await device.there()).toEqual(device.unit);
    expect((await openTrials(path.join(device.state, "trials"))).of("app/b")).toMatchObject({ starts: 1 });
    expect(await device.ran()).toBe("");
  });

  test("undoes a unit of which a part is lost", async () => {
    const device = await torn({ staged: false });
    expect(JSON.parse((await recover(device)).stdout)).toMatchObject([{ end: "as-before" }]);
    expect(await device.there()).toEqual(BEFORE);
    expect(await device.leftOver()).toEqual([]);
  });

  test("goes on with taking back a unit that failed, and keeps its verdict for the agent", async () => {
    const device = await torn({ staged: false, condemned: true });
    expect(JSON.parse((await recover(device)).stdout)).toMatchObject([{ end: "as-before" }]);
    expect(await device.there()).toEqual(BEFORE);
    expect((await openTrials(path.join(device.state, "trials"))).of("app/a")).toMatchObject({
      condemned: true,
    });
  });

  test("says what it did to people, and has nothing to say where nothing was delivered", async () => {
    const device = await torn({ staged: true });
    const args = ["recover", "--root", device.root, "--state", device.state];
    expect(await runCommand(...args)).toMatchObject({
      code: 0,
      stdout: "all in their places: app/a, app/b, app/new\n",
    });
    const nowhere = ["recover", "--root", `${device.root}/none`, "--state", `${device.state}/none`];
    expect(await runCommand(...nowhere)).toMatchObject({ code: 0, stdout: "nothing was half in place\n" });
  });

  test.runIf(AS_ROOT)("does not say that all is well to a user who may not look", async () => {
    const device = await torn({ staged: true }); // in a folder that is root's alone
    process.seteuid?.(NOBODY);
    try {
      const { code, stderr } = await recover(device);
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("EACCES") });
    } finally {
      process.seteuid?.(0);
    }
  });

  test("judges no unit by another root than the agent's", async () => {
    const device = await torn({ staged: false });
    await recordRoot(path.join(device.state, "root.json"), device.root);
    const { code, stderr } = await recover({ root: path.join(device.root, "app"), state: device.state });
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(`below ${device.root}`) });
    expect(JSON.parse((await recover(device)).stdout)).toMatchObject([{ end: "as-before" }]);
    expect(await device.there()).toEqual(BEFORE);
  });

  test("waits for an agent that is at work", async () => {
    const device = await torn({ staged: true });
    const lock = await lockStateFolder({ path: device.state, real: device.state });
    const recovered = recover(device);
    await device.files.installer.putStaged("app/b");
    await device.files.installer.putStaged("app/new");
    expect(JSON.parse((await recovered).stdout)).toMatchObject([{ end: "in-place" }]);
    await lock.release();
    expect(await readFile(path.join(device.root, "app/new"), "utf8")).toBe("n2");
  });
});
