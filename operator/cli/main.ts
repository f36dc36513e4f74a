#!/usr/bin/env node
import { COMPLETE } from "./completion/propose.ts";
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

const code = await runCommandLine(process.argv.slice(2), {
  process,
  env: process.env,
  cwd: workingFolder(process.env, process.cwd()),
  signal: stopping.signal,
  ask: createAsk({ input: process.stdin, output: process.stderr }, stopping.signal, interrupt),
});
if (process.argv[2] === COMPLETE) process.exit(code); // a shell waits for it, and a look-up may still be under way
process.exitCode = code;
