import { runCommandLine } from "./commands/command-line.ts";
import { JOURNAL_STAMP } from "./events/log-stamp.ts";
import { isJournal } from "./system/journal-stream.ts";
import { spareMemory } from "./system/spare-memory.ts";

/** Milliseconds that a write under way and a program that ignores SIGTERM have, once the agent is told to stop. */
const STOP_GRACE_MS = 7_000;

spareMemory();

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1); // asked twice
    stopping.abort();
    process.stderr.write(
      `${process.stderr.isTTY ? "\n" : ""}stopping: told to by ${signal}; once more ends it at once\n`,
    );
    setTimeout(() => process.exit(1), STOP_GRACE_MS).unref();
  });
}
// A reader of the output that went away must not stop deliveries.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

const { stdout, stderr, env } = process;
const stamp = isJournal(1, env.JOURNAL_STREAM) ? { stamp: JOURNAL_STAMP } : {};
process.exitCode = await runCommandLine(process.argv.slice(2), { stdout, stderr, ...stamp }, stopping.signal);
