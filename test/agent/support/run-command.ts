import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../../../agent/commands/command-line.ts";
import type { Device } from "./agent-under-test.ts";

/** Runs one command of the agent in this process, to its end. */
export async function runCommand(...args: string[]) {
  let [stdout, stderr] = ["", ""];
  const output = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  const code = await runCommandLine(args, output, new AbortController().signal);
  return { code, stdout, stderr };
}

/** The flags that `run` and `doctor` cannot do without. */
export function settingsOf({ fake, root, state }: Device): string[] {
  return ["--notecard", fake.address, "--root", root, "--state", state];
}

/** A config file that goes with the test. */
export async function configFile(content: unknown): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, "agent.json");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}
