import { existsSync } from "node:fs";
import { readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { adviceFor } from "../../../agent/commands/advice.ts";
import { createComparison } from "../../../agent/commands/compare-files.ts";
import { formatStatus } from "../../../agent/commands/format-status.ts";
import type { Status } from "../../../agent/commands/status.ts";
import { REMEDIES } from "../../../agent/delivery/failures.ts";
import { mountOf, readMounts } from "../../../agent/system/mounts.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { configFile, runCommand } from "../support/run-command.ts";

const NOTHING: Status = {
  installed: [],
  underWay: [],
  failed: [],
  failures: [],
  units: [],
  stopped: [],
  fleets: [],
  gone: [],
};

const status = ({ state }: Device, ...more: string[]) => runCommand("status", "--state", state, ...more);

describe("status", () => {
  test("says what is installed and under way, while the agent runs", async () => {
    const device = await startDevice();
    const { fake, start } = device;
    fake.card.publish("b.txt", Buffer.from("x"));
    const agent = start();
    await agent.next("installed");
    fake.script = ({ req }) =>
      req === "web.get" && fake.card.fetches >= 3 ? { reply: { result: 401 } } : undefined;
    fake.card.publish("a.bin", patternedBytes(20_000));
    await agent.next("failed");
    const { code, stdout } = await status(device, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      installed: [{ path: "b.txt", name: "b.txt", size: 1 }],
      underWay: [{ path: "a.bin", bytes: 12_000, size: 20_000 }],
      failed: [],
    });
    await expect
      .poll(async () => (await status(device)).stdout)
      .toMatch(
        /^a\.bin\n {2}under way {2}12000 of 20000 bytes\n {2}stuck {6}unauthorized: .*; tried again at .*\nb\.txt\n {2}installed {2}1 bytes, .*\nlast failure: a\.bin, .*\nwhat to do: set the route's .*\n$/,
      );
  });

  test.each([
    ["the version before is in its place", ["#!/bin/sh\n", "#!/bin/sh\nexit 3\n"], "installed one is back"],
    ["nothing is in its place", ["#!/bin/sh\nexit 3\n"], "nothing is in its place"],
  ])("says of a version that was taken back that %s", async (_what, versions, says) => {
    const device = await startDevice();
    const run = [{ match: "app", command: ["{path}"], seconds: 5 }];
    const agent = device.start({ flags: ["--config", await configFile({ run })] });
    for (const [at, version] of versions.entries()) {
      device.fake.card.publish("app", Buffer.from(version));
      await agent.next(at === versions.length - 1 ? "failed" : "installed");
    }
    await expect.poll(async () => (await status(device)).stdout).toContain("last failure");
    const lines = (await status(device)).stdout.trimEnd().split("\n");
    expect(lines).toEqual([
      "app",
      ...(versions.length > 1 ? [expect.stringMatching(/^ {2}installed {2}10 bytes, /)] : []),
      expect.stringMatching(new RegExp(`^ {2}failed {5}another version: it ended with 3; .*${says}`)),
      expect.stringMatching(/^last failure: app, .*, run \(it ended with 3\)$/),
      expect.stringMatching(/^what to do: .*`noteferry-agent retry app`$/),
    ]);
  });

  test("says of a version that could not be taken back that it is still there", () => {
    const version = { path: "app", sha256: "", reason: "run-not-restored", detail: "it ended with 3" };
    expect(formatStatus({ ...NOTHING, failed: [{ ...version, inPlace: false }] })).toMatch(
      /^app\n {2}failed {5}another version: it ended with 3; the disk did not let .*\n$/,
    );
  });

  test("needs the state folder alone, by flag or by file", async () => {
    const device = await startDevice();
    const agent = device.start();
    await agent.next("ready");
    await agent.stop();
    const nothing = { code: 0, stdout: "nothing was delivered yet\n" };
    expect(await status(device)).toMatchObject(nothing);
    const file = await configFile({ state: device.state, notecard: "i2c:1", root: "/srv/app" });
    expect(await runCommand("status", "--config", file)).toMatchObject(nothing);
    expect(await runCommand("status")).toMatchObject({ code: 2, stderr: expect.stringContaining("--state") });
  });

  test.each(["missing", ".", "file/state"])(
    "of a folder that is no agent's is an error: %s",
    async (name) => {
      const { folder } = await startDevice();
      const { code, stdout, stderr } = await runCommand(
        "status",
        "--state",
        path.join(folder, name),
        "--json",
      );
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toMatch(/^.* is no agent's state folder: give .*\n$/);
    },
  );
});

describe("status compares with the disk", () => {
  async function installedDevice() {
    const device = await startDevice();
    for (const name of ["a", "b", "c/d", "e"]) device.fake.card.publish(name, Buffer.from(name));
    const agent = device.start();
    for (let files = 0; files < 4; files += 1) await agent.next("installed");
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    return { device, agent };
  }
  const readJson = async (device: Device): Promise<Status> =>
    JSON.parse((await status(device, "--json")).stdout);
  const pictureOf = async (device: Device) =>
    Promise.all(
      (await readdir(device.folder, { recursive: true }))
        .toSorted()
        .map(async (name) => [name, (await stat(path.join(device.folder, name))).mtimeMs]),
    );

  test("what is gone, changed or out of reach, without changing anything, while the agent runs", async () => {
    const { device } = await installedDevice();
    await rm(path.join(device.root, "b"));
    await writeFile(path.join(device.root, "c/d"), "other");
    await rm(path.join(device.root, "e"));
    await symlink("/etc/hostname", path.join(device.root, "e"));
    const before = await pictureOf(device);
    const { installed } = await readJson(device);
    expect(installed.map((file) => [file.path, file.onDisk])).toEqual([
      ["a", "as-installed"],
      ["b", "gone"],
      ["c/d", "changed"],
      ["e", "unknown"],
    ]);
    const { stdout } = await status(device);
    expect(stdout).toMatch(
      /^a\n {2}installed .*\nb\n {2}installed .*\n {2}missing {4}it is not there any more/,
    );
    expect(stdout).toMatch(/\nc\/d\n {2}installed .*\n {2}changed {4}its content is not what was installed/);
    expect(stdout).toMatch(
      /\ne\n {2}installed .*\n {2}unknown {4}it cannot be looked at: e is a symbolic link/,
    );
    expect(await pictureOf(device)).toEqual(before);
  });

  test("and a root that is not there, which it does not make", async () => {
    const { device, agent } = await installedDevice();
    await agent.stop();
    await rm(device.root, { recursive: true });
    expect((await readJson(device)).installed.map(({ onDisk }) => onDisk)).toEqual(Array(4).fill("gone"));
    expect(existsSync(device.root)).toBe(false);
  });

  test("a version on trial, and one that failed and was put in its place by hand", async () => {
    const device = await startDevice();
    const run = [{ match: "app", command: ["{path}"], seconds: 5 }];
    const agent = device.start({ flags: ["--config", await configFile({ run })] });
    device.fake.card.publish("app", Buffer.from("#!/bin/sh\n"));
    await agent.next("installed");
    const bad = "#!/bin/sh\n[ -e end ] || sleep 1\nexit 3\n";
    device.fake.card.publish("app", Buffer.from(bad));
    await agent.next("running");
    await agent.next("running");
    expect((await readJson(device)).installed).toMatchObject([{ path: "app", onDisk: "on-trial" }]);
    await agent.next("failed");
    await writeFile(path.join(device.root, "app"), bad);
    expect(await readJson(device)).toMatchObject({
      installed: [{ onDisk: "changed" }],
      failed: [{ path: "app", inPlace: true }],
    });
  });

  test("a file that a mount hides, or whose disk is not mounted", async () => {
    const { device } = await installedDevice();
    await rm(path.join(device.root, "c/d"));
    const look = (before: string, ...mounts: string[]) =>
      createComparison(device.root, Promise.resolve(["/", ...mounts])).compare("c/d", {
        sha256: "",
        mount: before,
      });
    expect(await look("/", `${device.root}/c`)).toEqual({
      onDisk: "hidden",
      why: `something is mounted at ${device.root}/c now, which hides it`,
    });
    expect(await look(device.root)).toMatchObject({
      onDisk: "unmounted",
      why: expect.stringContaining(device.root),
    });
    expect(await look("/", `${device.root}/other`, `${device.root}/c/dd`)).toEqual({ onDisk: "gone" });
    const { installed } = await readJson(device);
    expect(installed[0]?.mount).toBe(mountOf(await readMounts(), `${device.root}/a`));
  });

  test("the keys that the bucket does not have any more", async () => {
    const device = await startDevice();
    const run = [{ match: "**/app", command: ["{path}"], seconds: 0.1 }];
    const agent = device.start({ flags: ["--config", await configFile({ run })] });
    const key = "devices/dev:000000000000001/app";
    const announced = device.fake.card.publish(key, Buffer.from("#!/bin/sh\nsleep 0.4\nexit 6\n"));
    device.fake.card.queue.length = 0;
    device.fake.card.announce({ ...announced, seq: "AAAA" });
    await agent.next("installed");
    device.fake.card.announce({ name: key, seq: "AAAB", gone: true });
    await agent.next("gone");
    expect((await readJson(device)).gone).toEqual([{ name: key, path: "app" }]);
    const { stdout } = await status(device);
    expect(stdout).toMatch(
      /\n {2}gone {7}the bucket has no devices\/dev:000000000000001\/app any more; the file stays\n/,
    );
  });

  test("programs that stopped", async () => {
    const device = await startDevice();
    const run = [{ match: "app", command: ["{path}"], seconds: 0.1 }];
    const agent = device.start({ flags: ["--config", await configFile({ run })] });
    device.fake.card.publish("app", Buffer.from("#!/bin/sh\nsleep 0.4\nexit 6\n"));
    await agent.next("stopped");
    await expect
      .poll(async () => (await readJson(device)).stopped)
      .toMatchObject([{ path: "app", reason: "exit 6", stops: 1, restart: false }]);
    expect((await status(device)).stdout).toMatch(
      /\n {2}stopped {4}its program, .*: it ended with 6; it is not started/,
    );
  });
});

test("status forgets a failure once the delivery ends well", async () => {
  const device = await startDevice();
  device.fake.script = ({ req }) => (req === "web.get" ? { reply: { result: 401 } } : undefined);
  device.fake.card.publish("a", Buffer.from("x"));
  const agent = device.start();
  await agent.next("failed");
  await expect.poll(async () => (await status(device)).stdout).toContain("last failure: a,");
  device.fake.script = undefined;
  await agent.next("installed");
  await expect.poll(async () => (await status(device)).stdout).not.toContain("last failure");
});

test("there is advice for each failure that does not pass by itself", () => {
  const needsHelp = Object.entries(REMEDIES).filter(
    ([, { state, repeat }]) => state !== "discarded" && !repeat,
  );
  expect(
    needsHelp.filter(([reason]) => adviceFor(reason, "a") === undefined).map(([reason]) => reason),
  ).toEqual([]);
  expect(adviceFor("run", "$& a")).toContain("`noteferry-agent retry $& a`");
});
