#!/usr/bin/env node
import { runCommandLine } from "./run-command-line.ts";
import { createAsk } from "./terminal/ask.ts";
import { workingFolder } from "./working-folder.ts";

const stopping = new AbortController();
const interrupt = () => {
  if (stopping.signal.aborted) process.exit(130); // asked twice
  stopping.abort();
};
process.on("SIGINT", interrupt);
// A reader that went away, such as head, has read enough.
process.stdout.on("error", () => process.exit(0));
process.stderr.on("error", () => undefined);

process.exitCode = await runCommandLine(process.argv.slice(2), {
  process,
  env: process.env,
  cwd: workingFolder(process.env, process.cwd()),
  signal: stopping.signal,
  ask: createAsk({ input: process.stdin, output: process.stderr }, stopping.signal, interrupt),
});
