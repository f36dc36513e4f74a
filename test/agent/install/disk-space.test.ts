import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkSpace } from "../../../agent/install/disk-space.ts";
import { createInstaller } from "../../../agent/install/installer.ts";
import { openPartialFiles } from "../../../agent/state/partial-files.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { announcementOf } from "../support/fake-card.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { withDisk } from "../support/updated-device.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-space-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

test("what goes to one file system has to fit together", async () => {
  const folder = await temporaryFolder();
  const other = path.join(folder, "other");
  await mkdir(other);
  const bytes = 0.6 * (await freeBytes(folder));
  await expect(checkSpace([{ folder, bytes }])).resolves.toBeUndefined();
  await expect(
    checkSpace([
      { folder, bytes },
      { folder: other, bytes },
    ]),
  ).rejects.toMatchObject({ reason: "disk-full", message: expect.stringContaining(other) });
});

test("a place asks for what its claims say, given the file that is there", async () => {
  const folder = await temporaryFolder();
  const installer = await createInstaller(folder);
  await writeFile(path.join(folder, "a"), "four");
  const sizes: (number | undefined)[] = [];
  const claims = async (existing?: { size: number }) => {
    sizes.push(existing?.size);
    return [{ folder, bytes: 2 ** 52 }];
  };
  for (const place of ["a", "b", "no/such/folder"]) {
    await expect(installer.check(place, 1, claims)).rejects.toMatchObject({ reason: "disk-full" });
  }
  expect(sizes).toEqual([4, undefined, undefined]);
});

test("a download claims what it still lacks, and a little for its records", async () => {
  const folder = await temporaryFolder();
  const bytes = patternedBytes(100_000);
  const partial = await (await openPartialFiles(folder)).open("a", announcementOf("a", bytes));
  const sizeOfAll = async () => {
    const [name = ""] = await readdir(folder);
    return (await readFile(path.join(folder, name))).length;
  };
  const before = await sizeOfAll();
  expect(partial.claim()).toEqual({ folder, bytes: 103_200 });
  await partial.append(bytes.subarray(0, 60_000));
  expect(partial.claim()).toEqual({ folder, bytes: 41_280 });
  for (let at = 60_000; at < 100_000; at += 250) await partial.append(bytes.subarray(at, at + 250));
  expect(partial.claim()).toEqual({ folder, bytes: 0 });
  expect((await sizeOfAll()) - before).toBeLessThanOrEqual(103_200);
  await partial.close();
});

test("a file that fits once but not twice, as a download and as a file, is not fetched", async () => {
  const { fake, root, start } = await startDevice();
  const bytes = patternedBytes(10_000);
  fake.card.files.set("a.bin", bytes);
  const size = Math.floor(0.6 * (await freeBytes(root)));
  fake.card.announce({ ...announcementOf("a.bin", bytes), size });
  const agent = start();
  expect(await agent.next("failed")).toMatchObject({
    reason: "disk-full",
    retrySeconds: expect.closeTo(0.15, 1),
  });
  expect(fake.card.fetches).toBe(0);
});

describe("a chunk that the state folder's disk does not take", () => {
  test.each(["ENOSPC", "EDQUOT"])("is not fetched anew at each attempt: %s", async (code) => {
    const device = await startDevice();
    const trouble = path.join(device.folder, "trouble");
    const bytes = patternedBytes(20_000);
    device.fake.card.publish("a.bin", bytes);
    device.fake.script = ({ req }) => {
      if (req === "web.get" && device.fake.card.fetches === 1) writeFileSync(trouble, "");
      return undefined;
    };
    const faults = [{ like: "^write \\S*/partial/", during: trouble, code }];
    const agent = device.spawn(withDisk(faults));
    for (const _ of [1, 2, 3]) await agent.next("failed");
    const { fetches } = device.fake.card;
    await agent.next("failed");
    expect(device.fake.card.fetches).toBe(fetches);
    await rm(trouble);
    expect(await agent.next("installed")).toMatchObject({ path: "a.bin" });
    expect(await readFile(path.join(device.root, "a.bin"))).toEqual(bytes);
    expect(device.fake.card.served).toBe(20_000);
  });
});
