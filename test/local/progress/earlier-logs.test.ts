import { mkdir, mkdtemp, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLogFiles } from "../../../local/progress/log-files.ts";

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), "noteferry-logs-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function start(dataDir: string, line: string): Promise<void> {
  const logs = await createLogFiles(dataDir);
  logs.write("agent", line);
  await logs.close();
}

test("the logs of the last ten starts are there, each in its own folder but the newest", async () => {
  const dataDir = await folder();
  const dir = path.join(dataDir, "logs");
  await mkdir(path.join(dir, "mine"), { recursive: true }); // not ours
  for (let count = 1; count <= 13; count += 1) {
    await start(dataDir, `start ${count}`);
    const time = new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(count / 2))); // two of them end in the same second
    await utimes(path.join(dir, "agent.log"), time, time);
  }
  expect(await readFile(path.join(dir, "agent.log"), "utf8")).toBe("start 13\n");
  const names = (await readdir(dir)).toSorted();
  expect(names).toContain("mine");
  const earlier = names.filter((name) => name.startsWith("2026-01-01T00-00-0"));
  const lines = await Promise.all(earlier.map((name) => readFile(path.join(dir, name, "agent.log"), "utf8")));
  expect(lines).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12].map((count) => `start ${count}\n`));
});

test("a first start, and one that printed nothing, leave no folder behind", async () => {
  const dataDir = await folder();
  for (let count = 0; count < 3; count += 1) await (await createLogFiles(dataDir)).close();
  expect(await readdir(path.join(dataDir, "logs"))).toEqual([]);
});
