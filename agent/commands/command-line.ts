import { errnoOf } from "../install/install-failed.ts";
import { StateFolderUnusable } from "../state/state-folder.ts";
import { examine, type Finding } from "./doctor.ts";
import { type CommandLine, parseCommandLine, USAGE } from "./flags.ts";
import { createJsonPrinter, createTextPrinter, type Output } from "./print-events.ts";
import { printable } from "./printable.ts";
import { runAgent } from "./run-agent.ts";
import { SettingRefused } from "./setting-refused.ts";
import { formatStatus, readStatus } from "./status.ts";

/** Stopped as asked; a fault of ours; a command line that cannot be used; a folder that cannot be used. */
export const EXIT = { ok: 0, fault: 1, usage: 2, folder: 3 } as const;

/**
 * Runs one command.
 *
 * @returns the exit code.
 */
export async function runCommandLine(
  args: readonly string[],
  output: { stdout: Output; stderr: Output },
  signal: AbortSignal,
): Promise<number> {
  try {
    const commandLine = await parseCommandLine(args);
    if (commandLine.command === "help") {
      output.stdout.write(USAGE);
      return EXIT.ok;
    }
    return await run(commandLine, output.stdout, signal);
  } catch (error) {
    if (signal.aborted) return EXIT.ok;
    if (error instanceof SettingRefused) {
      output.stderr.write(`${error.message}\n\n${USAGE}`);
      return EXIT.usage;
    }
    if (error instanceof StateFolderUnusable || errnoOf(error) !== undefined) {
      output.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return EXIT.folder;
    }
    output.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT.fault;
  }
}

async function run(
  { command, settings, json }: Exclude<CommandLine, { command: "help" }>,
  stdout: Output,
  signal: AbortSignal,
): Promise<number> {
  switch (command) {
    case "run":
      await runAgent(settings, json ? createJsonPrinter(stdout) : createTextPrinter(stdout), signal);
      return EXIT.ok;
    case "status": {
      const status = await readStatus(settings.state);
      stdout.write(json ? `${JSON.stringify(status)}\n` : formatStatus(status));
      return EXIT.ok;
    }
    case "doctor": {
      const findings = await examine(settings, signal);
      stdout.write(json ? `${JSON.stringify(findings)}\n` : formatFindings(findings));
      return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.fault;
    }
  }
}

function formatFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ what, ok, detail, advice }) => {
      const line = `${ok ? "ok  " : "BAD "} ${what.padEnd(9)} ${printable(detail)}\n`;
      return advice === undefined ? line : `${line}               ${advice}\n`;
    })
    .join("");
}
