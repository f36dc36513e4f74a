import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { holdPort } from "../../../local/stack/choose-port.ts";
import { DataInUse, lockData } from "../../../local/stack/data-lock.ts";
import { loadLocalKeys } from "../../../local/stack/local-keys.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "noteferry-data-"));
});
afterEach(() => rm(dir, { recursive: true }));

describe("lockData", () => {
  test("gives the folder to one process and takes it back", async () => {
    await writeFile(path.join(dir, "stack.pid"), String(process.ppid)); // somebody else, alive
    await expect(lockData(dir)).rejects.toThrow(DataInUse);
    await expect(lockData(dir)).rejects.toThrow(`pid ${process.ppid}`);
    await rm(path.join(dir, "stack.pid"));
    const unlock = await lockData(dir);
    expect(await readFile(path.join(dir, "stack.pid"), "utf8")).toBe(String(process.pid));
    await unlock();
    await expect(stat(path.join(dir, "stack.pid"))).rejects.toThrow("ENOENT");
  });

  test.each(["4194305", "", "what?"])("takes over a lock that a dead process left: %j", async (left) => {
    await writeFile(path.join(dir, "stack.pid"), left); // Linux gives out no pid above 4194304
    await (await lockData(dir))();
  });
});

describe("loadLocalKeys", () => {
  test("makes keys once and keeps them from others", async () => {
    const keys = await loadLocalKeys(dir);
    expect(await loadLocalKeys(dir)).toEqual(keys);
    expect((await stat(path.join(dir, "keys.json"))).mode & 0o777).toBe(0o600);
  });
});

describe("holdPort", () => {
  test("takes the preferred port, or another where that is in use", async () => {
    const first = await holdPort(0);
    const second = await holdPort(first.port);
    expect(second.port).not.toBe(first.port);
    expect(second.port).toBeGreaterThan(0);
    await first.release();
    const again = await holdPort(first.port);
    expect(again.port).toBe(first.port);
    await Promise.all([again.release(), second.release()]);
  });
});
