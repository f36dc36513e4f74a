import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { readRepositoryFile } from "../support/repository-files.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A package that asks for a Node nobody has, as some of ours do of the Node 20 that may start npm. */
async function warningsOfInstall(npmrc: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-install-"));
  folders.push(folder);
  await mkdir(path.join(folder, "demanding"));
  const demanding = { name: "demanding", version: "1.0.0", engines: { node: ">=999" } };
  await writeFile(path.join(folder, "demanding/package.json"), JSON.stringify(demanding));
  const needing = { name: "needing", version: "1.0.0", dependencies: { demanding: "file:./demanding" } };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(needing));
  await writeFile(path.join(folder, ".npmrc"), npmrc);
  // Without what the npm that runs this hands on: its settings would go before those of the file.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const run = promisify(execFile)("npm", ["install", "--offline"], { cwd: folder, env });
  return (await run).stderr;
}

test("the first install does not warn of the Node that only starts npm", async () => {
  expect(await warningsOfInstall("audit=false\n")).toContain("EBADENGINE");
  expect(await warningsOfInstall(readRepositoryFile(".npmrc"))).toBe("");
});
