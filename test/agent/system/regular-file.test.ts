import { execFileSync, spawn } from "node:child_process";
import { constants } from "node:fs";
import { lstat, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as v from "valibot";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { onDisk } from "../../../agent/install/install-failed.ts";
import { createInstaller } from "../../../agent/install/installer.ts";
import { digestOfFile } from "../../../agent/install/read-file.ts";
import { writeDurably } from "../../../agent/state/durable-file.ts";
import { jsonRecord } from "../../../agent/state/json-record.ts";
import { listPartialFiles, openPartialFiles } from "../../../agent/state/partial-files.ts";
import { createFile, openRegularFile } from "../../../agent/system/regular-file.ts";
import { faultOfFirstLine } from "../../../agent/trial/first-line.ts";
import { openPreviousFiles } from "../../../agent/trial/previous-files.ts";
import { createProcessNotes } from "../../../agent/trial/process-notes.ts";
import { openRetryRequests } from "../../../agent/trial/retry-requests.ts";
import { announcementOf } from "../support/fake-card.ts";

async function temporaryFolder(below = tmpdir()): Promise<string> {
  const made = await mkdtemp(path.join(below, "noteferry-files-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

let folder: string;
/** A file that nobody has asked the agent to touch. */
let victim: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  victim = path.join(folder, "victim");
  await writeFile(victim, "precious");
});

/** What may stand in the place of a file: opening the pipe as usual waits for good. */
const PLANTS: [string, (place: string) => Promise<unknown>][] = [
  ["a pipe", async (place) => execFileSync("mkfifo", [place])],
  ["a link to another file", (place) => symlink(victim, place)],
  ["a link to a device", (place) => symlink("/dev/zero", place)],
  ["a folder", (place) => mkdir(place)],
];

/** The same file system as that of the temporary folder, and another one if there is any. */
const SOMEWHERE = [tmpdir(), "/dev/shm"];

const expectUntouched = async () => expect(await readFile(victim, "utf8")).toBe("precious");

describe.each(PLANTS)("%s in the place of a file", (_what, plant) => {
  const planted = async (name = "planted") => {
    await plant(path.join(folder, name));
    return path.join(folder, name);
  };

  test("is neither opened nor waited for", async () => {
    const place = await planted();
    await expect(openRegularFile(place)).rejects.toThrow("is no regular file");
    await expect(onDisk(openRegularFile(place))).rejects.toMatchObject({ reason: "not-a-file" });
    expect(await digestOfFile(place)).toBeUndefined();
    expect(await faultOfFirstLine(place, "ENOENT")).toBeUndefined();
  });

  test.each(SOMEWHERE)("is not kept as the version before, in %s", async (below) => {
    const previous = await openPreviousFiles(path.join(await temporaryFolder(below), "previous"));
    await expect(previous.keep("a", await planted())).rejects.toThrow();
    expect(await readdir(previous.folder)).toEqual([]);
    expect(await previous.find("a")).toBeUndefined();
  });

  test("is not put back, though it is where the version before was kept", async () => {
    const previous = await openPreviousFiles(path.join(folder, "previous"));
    await writeFile(path.join(folder, "before"), "before");
    await previous.keep("a", path.join(folder, "before"));
    const [name = ""] = await readdir(previous.folder);
    await rm(path.join(previous.folder, name));
    await plant(path.join(previous.folder, name));
    expect(await previous.find("a")).toBeUndefined();
  });

  test("is no record: it is set aside, and the next one is written", async () => {
    const place = await planted("record.json");
    const record = jsonRecord(place, v.number());
    expect(await record.read()).toBeUndefined();
    expect((await lstat(`${place}.damaged`)).isFile()).toBe(false);
    await record.write(7);
    expect(await record.read()).toBe(7);
    await expectUntouched();
  });

  test("is no download under way", async () => {
    const partials = await openPartialFiles(path.join(folder, "partial"));
    const version = announcementOf("a", Buffer.from("content"));
    await (await partials.open("a", version)).close();
    const [name = ""] = await readdir(path.join(folder, "partial"));
    await rm(path.join(folder, "partial", name));
    await plant(path.join(folder, "partial", name));
    expect(await listPartialFiles(path.join(folder, "partial"))).toEqual([]);
    await expect(partials.open("a", version)).rejects.toThrow();
    await expectUntouched();
    await partials.keepOnly([]);
    expect(await readdir(path.join(folder, "partial"))).toEqual([]);
  });

  test("is no request to try again", async () => {
    const requests = await openRetryRequests(folder);
    await plant(path.join(folder, "retry", "0".repeat(32)));
    expect(await requests.all()).toEqual([]);
    expect(await readdir(path.join(folder, "retry"))).toEqual([]);
    await expectUntouched();
  });
});

test("a version before that is copied back comes through no pipe", async () => {
  const installer = await createInstaller(path.join(folder, "root"));
  const elsewhere = path.join(await temporaryFolder("/dev/shm"), "pipe");
  execFileSync("mkfifo", [elsewhere]);
  await installer.putBack("a", elsewhere).catch(() => undefined);
  // On one file system it is moved, and a rename waits for nobody.
  expect(await installer.digest("a").catch(({ reason }) => reason)).toSatisfy(
    (found) => found === undefined || found === "not-a-file",
  );
});

describe("a link under the name of what is about to be written", () => {
  test("is not followed by a record", async () => {
    await symlink(victim, path.join(folder, "record.json.new"));
    await writeDurably(path.join(folder, "record.json"), "text");
    expect(await readFile(path.join(folder, "record.json"), "utf8")).toBe("text");
    await expectUntouched();
  });

  test("is not followed by the note of a process", async () => {
    await symlink(victim, path.join(folder, "processes.json.new"));
    const child = spawn("sleep", ["30"], { detached: true, stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    createProcessNotes(path.join(folder, "processes.json")).note(child.pid ?? 0);
    expect(await readFile(path.join(folder, "processes.json"), "utf8")).toContain(String(child.pid));
    await expectUntouched();
  });

  test("is not followed by any file that is created", async () => {
    await symlink(victim, path.join(folder, "new"));
    const file = await createFile(path.join(folder, "new"));
    await file.writeFile("text");
    await file.close();
    expect((await lstat(path.join(folder, "new"))).mode & 0o777).toBe(0o600);
    await expectUntouched();
  });
});

test("a regular file is opened as asked for", async () => {
  const file = await openRegularFile(path.join(folder, "made"), constants.O_RDWR | constants.O_CREAT);
  await file.writeFile("text");
  await file.close();
  const reader = await open(path.join(folder, "made"));
  expect([await reader.readFile("utf8"), (await reader.stat()).mode & 0o777]).toEqual(["text", 0o600]);
  await reader.close();
});
