import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { compileCache } from "../support/compile-cache.ts";
import { readRepositoryFile } from "../support/repository-files.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** As Node of that version would have it, as far as the file can tell. */
function asNode(version: string): string {
  const versions = JSON.stringify({ node: version });
  const program = `for (const [name, value] of [["versions", ${versions}], ["version", "v${version}"]]) Object.defineProperty(process, name, { value })`;
  return `data:text/javascript,${encodeURIComponent(program)}`;
}

async function run(version: string) {
  const args = ["--import", asNode(version), "bin/node-24.js", "local/main.ts", "--help"];
  const env = { ...process.env, ...compileCache() };
  return await promisify(execFile)(process.execPath, args, { cwd: ROOT, env }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

test.each(["18.0.0", "20.20.2", "22.18.0"])(
  "Node %s gets a sentence, and nothing is loaded",
  async (version) => {
    const { code, stdout, stderr } = await run(version);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^This needs Node 24, and here is v[\d.]+\. On Linux npm ci brings .*\n$/);
    expect(stderr).toContain(version);
  },
);

test("Node 24 runs the file with its arguments", async () => {
  expect((await run("24.0.0")).stdout).toMatch(/^npm start -- \[flags\]/);
});

test("what a stranger runs first goes this way, also what a CDK of his own runs", () => {
  const { scripts } = JSON.parse(readRepositoryFile("package.json"));
  for (const name of ["start", "cdk", "synth", "diff", "deploy"])
    expect(scripts[name]).toMatch(/^node bin\/node-24\.js \S+\.ts\b/);
  expect(JSON.parse(readRepositoryFile("cdk.json")).app).toBe("node bin/node-24.js bin/app.ts");
  expect(readRepositoryFile(".nvmrc").trim()).toBe("24");
});
