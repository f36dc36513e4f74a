import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { choosePort } from "../../../local/stack/choose-port.ts";
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

describe("choosePort", () => {
  test("takes the preferred port, or another where that is in use", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const taken = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const other = await choosePort(taken);
      expect(other).not.toBe(taken);
      expect(other).toBeGreaterThan(0);
      expect(await choosePort(other)).toBe(other);
    } finally {
      server.close();
    }
  });
});
