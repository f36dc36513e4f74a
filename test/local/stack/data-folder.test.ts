import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataInUse, lockData } from "../../../local/stack/data-lock.ts";
import { loadLocalKeys } from "../../../local/stack/local-keys.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "noteferry-data-"));
});
afterEach(() => rm(dir, { recursive: true }));

describe("lockData", () => {
  test("gives the folder to one stack, says whose it is, and takes it back", async () => {
    const unlock = await lockData(dir);
    await expect(lockData(dir)).rejects.toThrow(DataInUse);
    await expect(lockData(dir)).rejects.toThrow(`pid ${process.pid}`);
    unlock();
    (await lockData(dir))();
  });

  test("what a dead stack left does not matter, not even if its pid is somebody else's now", async () => {
    await writeFile(path.join(dir, "stack.pid"), String(process.ppid));
    (await lockData(dir))();
  });
});

describe("loadLocalKeys", () => {
  test("makes keys once and keeps them from others", async () => {
    const keys = await loadLocalKeys(dir);
    expect(await loadLocalKeys(dir)).toEqual(keys);
    expect((await stat(path.join(dir, "keys.json"))).mode & 0o777).toBe(0o600);
  });
});
