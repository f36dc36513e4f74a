import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmod,
  chown,
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { lockStateFolder } from "../../../agent/state/lock-folder.ts";
import { faultOfStateFolder, openStateFolder } from "../../../agent/state/state-folder.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { AS_ROOT, NOBODY } from "../support/other-user.ts";

let folder: string;
let state: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), "noteferry-state-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  state = path.join(folder, "state");
});

const opened = async (place = state) => {
  const found = await openStateFolder(place, path.join(folder, "root"));
  onTestFinished(() => found.close());
  return found;
};

describe("the state folder", () => {
  test("is made for its user alone, with the folders above it", async () => {
    const { real } = await opened(path.join(folder, "a/b"));
    expect(real).toBe(path.join(folder, "a/b"));
    for (const made of ["a", "a/b"]) expect((await stat(path.join(folder, made))).mode & 0o777).toBe(0o700);
  });

  test("may be reached by links of root's or our own", async () => {
    await mkdir(path.join(folder, "disk"));
    await symlink("disk", path.join(folder, "link"));
    await symlink(path.join(folder, "link/../link"), path.join(folder, "again"));
    expect((await opened(path.join(folder, "again/state"))).real).toBe(path.join(folder, "disk/state"));
  });

  test("stays the one that was opened, whatever takes its place", async () => {
    const { path: own } = await opened();
    await rename(state, path.join(folder, "moved"));
    await mkdir(state);
    await writeFile(path.join(own, "record"), "");
    expect(await readdir(path.join(folder, "moved"))).toEqual(["record"]);
    expect(await readdir(state)).toEqual([]);
  });

  describe("is refused, with what to do,", () => {
    test.each(["770", "707", "777", "1777"])("where others may write: mode %s", async (mode) => {
      await mkdir(state);
      await chmod(state, Number.parseInt(mode, 8));
      await expect(opened()).rejects.toThrow(/may be written by other users, .*chmod it go-w/);
    });

    test("where others may write to what is in it", async () => {
      await mkdir(path.join(state, "partial"), { recursive: true });
      await chmod(path.join(state, "partial"), 0o777);
      await expect(opened()).rejects.toThrow(/state\/partial, .*chmod it go-w/);
    });

    test("where a link is in it, which has something else overwritten", async () => {
      await mkdir(state, { mode: 0o700 });
      await symlink("/etc", path.join(state, "trials"));
      await expect(opened()).rejects.toThrow(/state\/trials, .*is a symbolic link: look where it leads/);
    });

    test("where it is another user's, or what is in it", async () => {
      if (!AS_ROOT) return;
      await mkdir(state, { mode: 0o700 });
      await writeFile(path.join(state, "programs.json"), '["evil"]', { mode: 0o600 });
      await chown(path.join(state, "programs.json"), NOBODY, NOBODY);
      await expect(opened()).rejects.toThrow(/programs\.json, .*another user \(uid 65534\), .*chown it/);
      await chown(state, NOBODY, NOBODY);
      expect(await faultOfStateFolder(state, "S")).toMatch(/^the state folder S belongs to another user/);
    });

    test("where another user's link leads to it, or to nothing yet", async () => {
      if (!AS_ROOT) return;
      await mkdir(path.join(folder, "ours"), { mode: 0o700 });
      await symlink("ours", path.join(folder, "link"));
      await lchown(path.join(folder, "link"), NOBODY, NOBODY);
      for (const place of ["link", "link/state"]) {
        await expect(opened(path.join(folder, place))).rejects.toThrow(/link of another user \(uid 65534\)/);
      }
      expect(await readdir(path.join(folder, "ours"))).toEqual([]);
    });

    test("by an agent, which ends with what a folder's fault ends with", async () => {
      const device = await startDevice();
      await mkdir(device.state);
      await chmod(device.state, 0o777);
      const agent = device.start();
      expect(await agent.ended).toBe(3);
      expect(agent.errors.join()).toMatch(/^the state folder .* may be written by other users/);
    });
  });
});

describe("the lock of a state folder", () => {
  const lock = async (place: Awaited<ReturnType<typeof opened>>, program?: string) => {
    const held = await lockStateFolder(place, program);
    onTestFinished(() => held.release());
    return held;
  };

  test("is one agent's, until it lets go, and is a file that nobody else may open", async () => {
    const place = await opened();
    const held = await lock(place);
    expect((await stat(path.join(state, "agent.lock"))).mode & 0o777).toBe(0o600);
    await expect(lock(await opened())).rejects.toThrow(`another agent works with the state folder ${state}`);
    await held.release();
    await lock(await opened());
  });

  test("is free after a power loss, whatever the file says", async () => {
    await mkdir(state, { mode: 0o700 });
    await writeFile(path.join(state, "agent.lock"), `${process.pid}\n`, { mode: 0o600 });
    await lock(await opened());
  });

  test("cannot be kept from an agent by whoever takes a name, or by a program that it started", async () => {
    const digest = createHash("sha256").update(state).digest("hex");
    const squatter = createServer().listen(`\0noteferry-agent:${digest}`);
    onTestFinished(() => void squatter.close());
    const held = await lock(await opened());
    // As a program that outlives the agent: what it has open is closed in a child.
    execFileSync("sh", ["-c", "sleep 5 >/dev/null 2>&1 &"]);
    await held.release();
    await lock(await opened());
  });

  test.each([
    ["/nowhere/flock", /cannot be locked: the program \/nowhere\/flock is not there: install util-linux/],
    ["false", /another agent works/],
  ])("that cannot be had keeps the agent from starting: %s", async (program, says) => {
    await expect(lock(await opened(), program)).rejects.toThrow(says);
    expect(await readFile(path.join(state, "agent.lock"), "utf8")).toBe("");
  });
});

test("of agents that start at the same time one works", async () => {
  const device = await startDevice();
  const agents = [1, 2, 3, 4].map(() => device.start());
  const started = await Promise.all(
    agents.map((agent) =>
      agent.next("ready").then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(started.filter(Boolean)).toHaveLength(1);
});
