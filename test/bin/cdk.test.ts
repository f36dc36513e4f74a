import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const COMMAND = path.resolve(import.meta.dirname, "../../bin/cdk.ts");

/** Before CDK's command has loaded, in its process: waits for the signal, and ends in a way that nothing else would. */
const DEPLOYING = `
if (/aws-cdk/.test(process.argv[1] ?? "")) {
  process.on("SIGTERM", () => {
    console.error("SSM parameter /cdk-bootstrap/hnb659fds/version not found");
    process.exit(7);
  });
  console.log(process.pid);
  setInterval(() => undefined, 1000);
  await new Promise(() => undefined);
}`;

let folder: string;
let child: ChildProcess | undefined;
let pid = 0;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-cdk-"));
});

afterEach(async () => {
  child?.kill("SIGKILL");
  if (pid !== 0 && isAlive(pid)) process.kill(pid, "SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

function isAlive(it: number): boolean {
  try {
    return process.kill(it, 0);
  } catch {
    return false;
  }
}

test("SIGTERM is handed on to CDK's command, whose end is its own, with what to do", async () => {
  const deploying = path.join(folder, "deploying.mjs");
  await writeFile(deploying, DEPLOYING);
  const env = { ...process.env, NODE_OPTIONS: `--import ${pathToFileURL(deploying)}` };
  const run = spawn(process.execPath, [COMMAND, "deploy"], { env, stdio: ["ignore", "pipe", "pipe"] });
  child = run;
  let said = "";
  run.stderr.on("data", (text) => (said += text));
  const [line] = await once(createInterface(run.stdout), "line");
  pid = Number(line);
  run.kill("SIGTERM");
  const closed = once(run, "close"); // which a child that lives on would hold up
  expect(await once(run, "exit")).toEqual([7, null]);
  await closed;
  expect(isAlive(pid)).toBe(false);
  expect(said).toContain("npm run cdk -- bootstrap");
});
