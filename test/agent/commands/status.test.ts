import path from "node:path";
import { describe, expect, test } from "vitest";
import { formatStatus } from "../../../agent/commands/status.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { configFile, runCommand } from "../support/run-command.ts";

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
    expect((await status(device)).stdout).toMatch(
      /^a\.bin\n {2}under way {2}12000 of 20000 bytes\nb\.txt\n {2}installed {2}1 bytes, .*\n$/,
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
    const lines = (await status(device)).stdout.trimEnd().split("\n");
    expect(lines).toEqual([
      "app",
      ...(versions.length > 1 ? [expect.stringMatching(/^ {2}installed {2}10 bytes, /)] : []),
      expect.stringMatching(new RegExp(`^ {2}failed {5}another version: it ended with 3; .*${says}`)),
    ]);
  });

  test("says of a version that could not be taken back that it is still there", () => {
    const failed = [{ path: "app", sha256: "", reason: "run-not-restored", detail: "it ended with 3" }];
    expect(formatStatus({ installed: [], underWay: [], failed })).toMatch(
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
