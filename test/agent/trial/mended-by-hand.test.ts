import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { app, BAD, GOOD, ran, withGoodApp } from "../support/app-rule.ts";
import { runCommand } from "../support/run-command.ts";
import { withDisk } from "../support/updated-device.ts";

let device: Device;
let flags: string[];
let trouble: string;

beforeEach(async () => {
  device = await startDevice();
  trouble = path.join(device.folder, "trouble");
  flags = await withGoodApp(device);
});

const put = async (version: string) => {
  await writeFile(path.join(device.root, "app"), version);
  await chmod(path.join(device.root, "app"), 0o755);
};
const lastReceipt = () => Object(device.fake.card.receipts.at(-1));
const statusText = async () => (await runCommand("status", "--state", device.state)).stdout;

describe("what a person has put right by hand is told as it is:", () => {
  test.each([
    ["removed", () => rm(path.join(device.root, "app"))],
    ["changed", () => put("#!/bin/sh\necho other >> ran\n")],
  ])("a file that was %s, when it is announced once more, is installed anew", async (_what, spoil) => {
    await spoil();
    device.fake.card.publish("app", Buffer.from(GOOD));
    await device.start({ flags }).next("installed");
    await expect.poll(lastReceipt).toMatchObject({ state: "installed" });
    expect(await app(device)).toBe(GOOD);
  });

  test("a file that was put back by hand is unchanged when it is announced once more", async () => {
    await put("other");
    expect(await statusText()).toContain("changed");
    await put(GOOD);
    expect(await statusText()).not.toContain("changed");
    device.fake.card.publish("app", Buffer.from(GOOD));
    await device.start({ flags }).next("unchanged");
    await expect.poll(lastReceipt).toMatchObject({ state: "unchanged" });
  });

  test("a version that failed, and was put in its place by hand, is unchanged when it is announced once more", async () => {
    device.fake.card.publish("app", Buffer.from(BAD));
    const agent = device.start({ flags });
    await agent.next("failed");
    // The version before has been started again: a shell that is slow to open its script would open the other one.
    await expect.poll(() => ran(device)).toEqual(["good", "bad", "good"]);
    await put(BAD);
    device.fake.card.publish("app", Buffer.from(BAD));
    expect(await agent.next("unchanged")).toMatchObject({ path: "app" });
    await expect.poll(lastReceipt).toMatchObject({ state: "unchanged" });
    await expect.poll(statusText).not.toContain("failed");
    expect(await statusText()).toMatch(/^app\n {2}installed {2}\d+ bytes, .*\n$/);
    expect((await ran(device)).filter((word) => word === "bad")).toHaveLength(1);
  });

  test("a version that could not be taken back, once a person has done it", async () => {
    const bad = `#!/bin/sh\n: > ${trouble}\nexit 3\n`;
    device.fake.card.publish("app", Buffer.from(bad));
    const readOnly = [{ like: "", during: trouble, code: "EROFS" }];
    const agent = device.spawn(withDisk(readOnly, flags));
    expect(await agent.next("failed")).toMatchObject({ reason: "run-not-restored" });
    await expect.poll(lastReceipt).toMatchObject({ reason: "run-not-restored" });
    await put(GOOD);
    await rm(trouble);
    device.fake.card.publish("other", Buffer.from("x")); // has the agent look
    expect(await agent.next("restored")).toMatchObject({
      path: "app",
      detail: "somebody has put another file in its place meanwhile",
    });
    await expect
      .poll(() => device.fake.card.receipts)
      .toContainEqual(
        expect.objectContaining({ name: "app", state: "failed", reason: "run", ended: "exit 3" }),
      );
    expect(await app(device)).toBe(GOOD);
    await expect.poll(statusText).toContain("last failure: app,");
    await expect.poll(statusText).not.toContain("run-not-restored");
  });

  test("a failure that the disk did not take, and that was put right before it did", async () => {
    const mine = "not for the agent to write";
    device.fake.card.announce({ ...device.fake.card.publish("sub", Buffer.from(mine)), seq: "AAAB" });
    device.fake.card.queue.shift();
    await mkdir(path.join(device.root, "sub")); // in the way: the announcement is refused
    await writeFile(trouble, "");
    const noRecord = [{ like: "latest", during: trouble, code: "ENOSPC" }];
    const agent = device.spawn(withDisk(noRecord, flags));
    expect(await agent.next("refused")).toMatchObject({ name: "sub", reason: "is-a-folder" });
    await rm(path.join(device.root, "sub"), { recursive: true });
    await writeFile(path.join(device.root, "sub"), mine);
    await rm(trouble);
    expect(await agent.next("unchanged")).toMatchObject({ name: "sub" });
    await expect.poll(lastReceipt).toMatchObject({ name: "sub", state: "unchanged" });
    expect(await readFile(path.join(device.root, "sub"), "utf8")).toBe(mine);
  });
});
