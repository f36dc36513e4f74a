import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { examineFolders } from "../../../agent/commands/examine-folders.ts";
import type { Finding } from "../../../agent/commands/finding.ts";
import { systemClock } from "../../../local/blues/notecard/link/clock.ts";
import { linkProfile } from "../../../local/blues/notecard/link/profile.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { startDeviceOnStandIn } from "../support/device-on-stand-in.ts";
import { configFile, runCommand, settingsOf } from "../support/run-command.ts";

const PERIODIC = { mode: "periodic", inbound: 60, outbound: 60, sync: false } as const;

async function periodicDevice(connectMs: number) {
  const link = { ...linkProfile("none"), connectMs };
  const device = await startDeviceOnStandIn({ link, clock: systemClock, settings: PERIODIC });
  await mkdir(path.join(device.folder, "root"));
  const examine = async (flags: string[] = []) => {
    const settings = ["--json", "--poll", "0.02", ...device.args, ...flags];
    const { code, stdout, stderr } = await runCommand("doctor", ...settings);
    const findings: Finding[] = JSON.parse(stdout);
    return { code, stderr, findings, bad: findings.filter(({ ok }) => !ok).map(({ what }) => what) };
  };
  return { ...device, examine };
}

describe("doctor, before a periodic Notecard that is well", () => {
  test("has it connect, says what it waits for, tries the route, and leaves it periodic", async () => {
    const { under, folder, examine } = await periodicDevice(300);
    const { code, bad, stderr, findings } = await examine();
    expect({ code, bad }).toEqual({ code: 0, bad: [] });
    expect(stderr).toMatch(/^the Notecard is periodic, and connects for this; this may take 5 min .*\n$/);
    expect(findings.find(({ what }) => what === "Notehub")?.detail).toMatch(/^connected in \d+ s, for this/);
    await under.until({ req: "hub.status" }, ({ connected }) => connected === undefined);
    expect(await under.host.ask({ req: "hub.get" })).toMatchObject({ mode: "periodic" });
    expect(existsSync(path.join(folder, "state"))).toBe(false);
  });

  test("says so if it does not connect, and does not blame the route", async () => {
    const { examine } = await periodicDevice(60_000);
    const { code, bad, findings } = await examine(["--connect", "0.2"]);
    expect({ code, bad }).toEqual({ code: 1, bad: ["Notehub", "route"] });
    expect(findings.find(({ what }) => what === "Notehub")).toMatchObject({
      detail: expect.stringContaining("no connection within 0.2 s"),
      advice: expect.stringContaining("antenna"),
    });
    expect(findings.find(({ what }) => what === "route")?.advice).toMatch(/connect to Notehub, then/);
    expect(findings.find(({ what }) => what === "clock")?.detail).toMatch(/does not know the time yet/);
  });
});

describe("doctor looks at the folders and makes none", () => {
  async function folders() {
    const folder = await mkdtemp(path.join(tmpdir(), "noteferry-doctor-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const root = path.join(folder, "root");
    await mkdir(root);
    const state = async (place: string) => {
      const [, finding] = await examineFolders({ root, state: path.join(folder, place) });
      return finding;
    };
    return { folder, root, state };
  }

  test("where the state folder is there, or can be made", async () => {
    const { folder, state } = await folders();
    expect(await state("a/b")).toEqual({
      ...{ what: "state", ok: true },
      detail: `${folder}/a/b, which the agent makes at its first start`,
    });
    expect(existsSync(path.join(folder, "a"))).toBe(false);
    await mkdir(path.join(folder, "a"));
    expect(await state("a")).toEqual({ what: "state", ok: true, detail: `${folder}/a` });
  });

  test("where it is inside the root, also by a link", async () => {
    const { folder, root, state } = await folders();
    await symlink(root, path.join(folder, "link"));
    for (const place of ["root", "root/state", "link/state"]) {
      expect(await state(place)).toMatchObject({
        ok: false,
        detail: expect.stringContaining("inside the root"),
      });
    }
  });

  test("where others may write to it", async () => {
    const { folder, state } = await folders();
    await mkdir(path.join(folder, "open"));
    await chmod(path.join(folder, "open"), 0o777);
    expect(await state("open")).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/may be written by other users/),
      advice: expect.stringMatching(/alone may write/),
    });
  });

  test("where a file is in its way", async () => {
    const { folder, state } = await folders();
    await writeFile(path.join(folder, "file"), "");
    for (const place of ["file", "file/state"]) expect(await state(place)).toMatchObject({ ok: false });
  });
});

describe("doctor warns of what other users may write, which is no fault", () => {
  async function warnings(prepare: (folder: string, root: string) => Promise<unknown>) {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), "noteferry-doctor-")));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const root = path.join(folder, "a/root");
    await mkdir(path.join(root, "sub"), { recursive: true });
    await writeFile(path.join(root, "sub/app"), "");
    await prepare(folder, root);
    const found = await examineFolders({ root, state: path.join(folder, "state") });
    return { root, found: found.filter(({ ok, advice }) => ok && advice !== undefined) };
  }

  test("and says nothing where there is nothing to say", async () => {
    expect((await warnings((_, root) => symlink("/tmp", path.join(root, "link")))).found).toEqual([]);
  });

  test.each(["sub", "sub/app", "."])("below the root: %s", async (open) => {
    const { root, found } = await warnings((_, place) => chmod(path.join(place, open), 0o777));
    expect(found).toEqual([
      {
        ...{ what: "below", ok: true, detail: `other users may write to ${path.join(root, open)}` },
        advice: expect.stringContaining("`user`"),
      },
    ]);
  });

  test("and counts them", async () => {
    const { root, found } = await warnings(async (_, place) => {
      for (const name of ["1", "2", "3", "4", "5"]) {
        await mkdir(path.join(place, name));
        await chmod(path.join(place, name), 0o777);
      }
    });
    expect(found[0]?.detail).toBe(`other users may write to ${root}/1, ${root}/2, ${root}/3 and 2 more`);
  });

  test("above the root, unless the folder keeps what is ours", async () => {
    const { found } = await warnings((folder) => chmod(path.join(folder, "a"), 0o1777));
    expect(found).toEqual([]);
    const open = await warnings((folder) => chmod(path.join(folder, "a"), 0o777));
    expect(open.found).toMatchObject([{ what: "above", detail: expect.stringMatching(/write to \S+\/a$/) }]);
  });

  test("and shows that to a person", async () => {
    const device = await startDevice();
    await device.fake.close();
    await chmod(device.root, 0o777);
    const file = await configFile({ run: [{ match: "a", command: ["a"], user: "nobody-at-all" }] });
    const { stdout } = await runCommand("doctor", ...settingsOf(device), "--config", file);
    expect(stdout).toMatch(
      /^warn below {5}other users may write to .*\n +they can change what the agent runs: /m,
    );
    expect(stdout).toMatch(/^BAD {2}user {6}run\.0\.user: there is no user nobody-at-all: .*\n +correct/m);
  });
});
