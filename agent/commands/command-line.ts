import { createStamp, type Stamp } from "../events/log-stamp.ts";
import { createJsonPrinter, createTextPrinter, type Output, printable } from "../events/print-events.ts";
import { StepFailed } from "../host/carry-out.ts";
import { StateFolderUnusable } from "../state/state-folder.ts";
import { errnoOf, sentenceOf } from "../system/errno.ts";
import { completionScript } from "./completion-script.ts";
import { examine } from "./doctor.ts";
import type { Finding } from "./finding.ts";
import { type CommandLine, parseCommandLine } from "./flags.ts";
import { formatStatus } from "./format-status.ts";
import { type Host, HostUnfit, installAgent } from "./install-agent.ts";
import { manPage } from "./man-page.ts";
import { formatRecovered, recover } from "./recover.ts";
import { NothingToRetry, retry } from "./retry.ts";
import { runAgent } from "./run-agent.ts";
import { SettingRefused } from "./settings.ts";
import { readStatus } from "./status.ts";
import { uninstallAgent } from "./uninstall-agent.ts";
import { USAGE } from "./usage.ts";
import { VERSION } from "./version.ts";

/**
 * `ok`: done, or `run` was told to stop. `fault`: a fault, or `doctor` found one. `usage`: the command line or a setting cannot
 * be used. `folder`: a folder cannot be used. `interrupted`: a command other than `run` was told to stop; the number is the one
 * that shells give Ctrl-C.
 */
export const EXIT = { ok: 0, fault: 1, usage: 2, folder: 3, interrupted: 130 } as const;

/** `stamp` begins the lines of a log, by default with the time and the level. */
export type Surroundings = { stdout: Output; stderr: Output; stamp?: Stamp; host?: Host };

/**
 * Runs one command.
 *
 * @returns the exit code.
 */
export async function runCommandLine(
  args: readonly string[],
  output: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await run(await parseCommandLine(args), output, signal);
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    if (error instanceof SettingRefused) {
      const hint = "`noteferry-agent --help` says what there is\n";
      output.stderr.write(`${error.message}\n${args.length === 0 ? `\n${USAGE}` : hint}`);
      return EXIT.usage;
    }
    if (error instanceof NothingToRetry || error instanceof HostUnfit || error instanceof StepFailed) {
      output.stderr.write(`${printable(error.message)}\n`);
      return EXIT.fault;
    }
    if (error instanceof StateFolderUnusable || errnoOf(error) !== undefined) {
      output.stderr.write(`${sentenceOf(error)}\n`);
      return EXIT.folder;
    }
    output.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT.fault;
  }
}

async function run(
  commandLine: CommandLine,
  { stdout, stderr, stamp = createStamp(Date.now), host = thisHost() }: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  switch (commandLine.command) {
    case "help":
      stdout.write(USAGE);
      return EXIT.ok;
    case "version":
      stdout.write(`noteferry-agent ${VERSION}\n`);
      return EXIT.ok;
    case "run": {
      const { settings, json } = commandLine;
      const printer = json ? createJsonPrinter(stdout) : createTextPrinter(stdout, stamp);
      try {
        await runAgent(settings, printer.print, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        printer.end();
      }
      return EXIT.ok;
    }
    case "status": {
      const status = await readStatus(commandLine.settings.state);
      stdout.write(commandLine.json ? `${JSON.stringify(status)}\n` : formatStatus(status));
      return EXIT.ok;
    }
    case "retry": {
      const retried = await retry(commandLine.settings.state, commandLine.path);
      const told = `asked for ${printable(retried.path)}: a running agent tries it again at once, another when it starts\n`;
      stdout.write(commandLine.json ? `${JSON.stringify(retried)}\n` : told);
      return EXIT.ok;
    }
    case "recover": {
      const units = await recover(commandLine.settings, signal);
      stdout.write(commandLine.json ? `${JSON.stringify(units)}\n` : formatRecovered(units));
      return units.every(({ end }) => end !== "failed") ? EXIT.ok : EXIT.fault;
    }
    case "completion":
      stdout.write(completionScript(commandLine.shell));
      return EXIT.ok;
    case "man":
      stdout.write(manPage());
      return EXIT.ok;
    case "install": {
      const say = (sentence: string) => stdout.write(`${printable(sentence)}\n`);
      const findings = await installAgent(commandLine, host, say, signal);
      stdout.write(formatFindings(findings));
      return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.fault;
    }
    case "uninstall":
      await uninstallAgent(commandLine, host, (sentence) => stdout.write(`${printable(sentence)}\n`), signal);
      return EXIT.ok;
    case "doctor": {
      const { settings, json } = commandLine;
      const findings = await examine(settings, signal, (sentence) => stderr.write(`${sentence}\n`));
      signal.throwIfAborted(); // an examination that was cut short finds that nothing works
      stdout.write(json ? `${JSON.stringify(findings)}\n` : formatFindings(findings));
      return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.fault;
    }
  }
}

function formatFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ what, ok, detail, advice }) => {
      const mark = ok ? (advice === undefined ? "ok  " : "warn") : "BAD ";
      const line = `${mark} ${what.padEnd(9)} ${printable(detail)}\n`;
      return advice === undefined ? line : `${line}               ${advice}\n`;
    })
    .join("");
}

function thisHost(): Host {
  return { node: process.execPath, script: process.argv[1] ?? "", isRoot: process.getuid?.() === 0 };
}
