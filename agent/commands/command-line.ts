import { errnoOf } from "../install/install-failed.ts";
import { StateFolderUnusable } from "../state/state-folder.ts";
import { parseCommandLine, USAGE } from "./flags.ts";
import { createJsonPrinter, createTextPrinter, type Output } from "./print-events.ts";
import { runAgent } from "./run-agent.ts";
import { SettingRefused } from "./setting-refused.ts";

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
    const print = commandLine.json ? createJsonPrinter(output.stdout) : createTextPrinter(output.stdout);
    await runAgent(commandLine.settings, print, signal);
    return EXIT.ok;
  } catch (error) {
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
