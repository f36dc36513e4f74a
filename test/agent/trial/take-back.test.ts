import { readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readInstalledFiles } from "../../../agent/state/installed-files.ts";
import { readFailedVersions } from "../../../agent/trial/failed-versions.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { app, BAD, GOOD, ran, withGoodApp } from "../support/app-rule.ts";
import { sha256 } from "../support/fake-card.ts";
import { withDisk } from "../support/updated-device.ts";

const digest = (text: string) => sha256(Buffer.from(text));

/** The state folder's records of `app`. */
async function records({ state }: Device) {
  const installed = await readInstalledFiles(path.join(state, "installed.json"));
  const failed = await readFailedVersions(path.join(state, "failed.json"));
  return { installed: installed.get("app"), failed: failed.get("app") };
}

let device: Device;
let flags: string[];
/** The disk is in trouble while this file exists. */
let trouble: string;

beforeEach(async () => {
  device = await startDevice();
  trouble = path.join(device.folder, "trouble");
  flags = await withGoodApp(device);
});

/** A version that does not run, and has the disk in trouble from then on. */
const spoiling = () => `#!/bin/sh\necho bad >> ran\n: > ${trouble}\nexit 3\n`;

/** The Note that makes an agent look up. */
const wake = () => device.fake.card.publish("other", Buffer.from(String(Math.random())));

test("the kept file is put back as it is, though it was changed in the meantime", async () => {
  const bad = `#!/bin/sh\nfor file in ${device.state}/previous/*; do echo '# changed' >> $file; done\nexit 3\n`;
  device.fake.card.publish("app", Buffer.from(bad));
  const agent = device.spawn({ flags });
  expect(await agent.next("failed")).toMatchObject({ reason: "run", detail: "it ended with 3" });
  expect(await app(device)).toBe(`${GOOD}# changed\n`);
  await agent.stop();
  const next = device.spawn({ flags });
  await next.next("ready");
  expect((await records(device)).installed).toBeUndefined(); // what is there was never announced
});

test("the records name the version that is in place and the one that failed", async () => {
  device.fake.card.publish("app", Buffer.from(BAD));
  await device.start({ flags }).next("failed");
  expect(await records(device)).toMatchObject({
    installed: { sha256: digest(GOOD), name: "app" },
    failed: { sha256: digest(BAD), reason: "run", detail: "it ended with 3", ended: "exit 3" },
  });
  expect(await readdir(path.join(device.state, "trials"))).toEqual([]);
  await expect.poll(() => readdir(path.join(device.state, "previous"))).toEqual([]);
});

describe("on a full disk", () => {
  const full = () => [{ like: "^(write|create|copy|mkdir) ", during: trouble, code: "ENOSPC" }];

  test("the version before is put back all the same, and the other is not started again by any agent", async () => {
    const bad = spoiling();
    device.fake.card.publish("app", Buffer.from(bad));
    const agent = device.spawn(withDisk(full(), flags));
    expect(await agent.next("restored")).toMatchObject({ path: "app" });
    expect(await agent.next("failed")).toMatchObject({ reason: "run" });
    expect(await app(device)).toBe(GOOD);
    await agent.stop("SIGKILL");
    const next = device.spawn(withDisk(full(), flags));
    await next.next("ready");
    device.fake.card.publish("app", Buffer.from(bad));
    expect(await next.next("failed")).toMatchObject({ reason: "run" });
    expect(device.fake.card.fetches).toBe(2);
    expect((await ran(device)).filter((word) => word === "bad")).toHaveLength(1);
    await rm(trouble);
    wake();
    await expect.poll(() => readdir(path.join(device.state, "trials"))).toEqual([]);
    expect(await records(device)).toMatchObject({ failed: { sha256: digest(bad) } });
  });
});

describe("across file systems", () => {
  const apart = [
    { like: "^link ", code: "EXDEV" },
    { like: "^rename \\S*/state/\\S* \\S*/root/", code: "EXDEV" },
  ];

  test("the version before is copied back, with its mode", async () => {
    device.fake.card.publish("app", Buffer.from(BAD));
    await device.spawn(withDisk(apart, flags)).next("failed");
    expect(await app(device)).toBe(GOOD);
    expect((await stat(path.join(device.root, "app"))).mode & 0o777).toBe(0o755);
    expect((await readdir(device.root)).toSorted()).toEqual(["app", "ran"]);
    await expect.poll(() => ran(device)).toEqual(["good", "bad", "good"]);
  });

  test("a version is removed where there is no room for the one before, which is put back once there is", async () => {
    const noRoom = { like: "^(write|create) \\S*/root/", during: trouble, code: "ENOSPC" };
    device.fake.card.publish("app", Buffer.from(spoiling()));
    const agent = device.spawn(withDisk([...apart, noRoom], flags));
    expect(await agent.next("unsettled")).toMatchObject({
      path: "app",
      detail: expect.stringContaining("ENOSPC"),
    });
    expect(await agent.next("failed")).toMatchObject({ reason: "run-not-restored" });
    await expect
      .poll(() => device.fake.card.receipts.at(-1))
      .toMatchObject({ reason: "run-not-restored", ended: "exit 3" });
    expect(await readdir(device.root)).toEqual(["ran"]);
    expect(await records(device)).toMatchObject({
      installed: undefined,
      failed: { reason: "run-not-restored" },
    });
    await agent.stop("SIGKILL");
    const next = device.spawn(withDisk([...apart, noRoom], flags));
    await next.next("unsettled");
    await next.next("ready");
    await rm(trouble);
    wake();
    await next.next("restored");
    expect(await app(device)).toBe(GOOD);
    await expect.poll(() => ran(device)).toEqual(["good", "bad", "good"]);
    expect(await records(device)).toMatchObject({
      installed: { sha256: digest(GOOD) },
      failed: { reason: "run" },
    });
  });
});

describe("on a disk that takes nothing", () => {
  const readOnly = () => [{ like: "", during: trouble, code: "EROFS" }];

  test("a version stays, is not started again, and is taken back once that is possible", async () => {
    device.fake.card.publish("app", Buffer.from(spoiling()));
    const agent = device.spawn(withDisk(readOnly(), flags));
    await agent.next("unsettled");
    expect(await agent.next("failed")).toMatchObject({ reason: "run-not-restored" });
    expect(agent.events.filter(({ event }) => event === "running")).toHaveLength(1);
    await rm(trouble);
    wake();
    await agent.next("restored");
    expect(await app(device)).toBe(GOOD);
    await expect.poll(() => ran(device)).toEqual(["good", "bad", "good"]);
  });

  test("an agent starts, and a trial waits", async () => {
    device.fake.card.publish("app", Buffer.from("#!/bin/sh\nsleep 20\n"));
    const first = device.spawn({ flags });
    await first.next("running");
    await first.stop("SIGKILL");
    await writeFile(trouble, "");
    const agent = device.spawn(withDisk(readOnly(), flags));
    await agent.next("unsettled");
    await agent.next("ready");
    expect(await agent.next("failed")).toMatchObject({ reason: "read-only" });
    await rm(trouble);
    await agent.next("running");
  });
});
