import {
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  text_en,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { catchUpCommand } from "./catch-up/command.ts";
import { completionCommand } from "./completion/command.ts";
import { connectCommand } from "./connect/command.ts";
import { consoleCommand } from "./console/command.ts";
import type { CliContext } from "./context.ts";
import { destroyCommand } from "./destroy/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { eventsCommand } from "./events/command.ts";
import { judgeFailure } from "./exit-codes.ts";
import { historyCommand } from "./history/command.ts";
import { linkCommand } from "./link/command.ts";
import { lsCommand } from "./ls/command.ts";
import { putCommand } from "./put/command.ts";
import { redriveCommand } from "./redrive/command.ts";
import { resendCommand } from "./resend/command.ts";
import { retryCommand } from "./retry/command.ts";
import { rmCommand } from "./rm/command.ts";
import { rollbackCommand } from "./rollback/command.ts";
import { shareCommand } from "./share/command.ts";
import { statusCommand } from "./status/command.ts";
import { sweepCommand } from "./sweep/command.ts";
import { printable } from "./terminal/printable.ts";
import { readVersion } from "./version.ts";

/** The commands. What one of them runs is loaded once its arguments are parsed: a typo does not wait for the AWS SDK. */
const root = buildRouteMap<string, CliContext>({
  routes: {
    put: putCommand,
    ls: lsCommand,
    status: statusCommand,
    events: eventsCommand,
    retry: retryCommand,
    resend: resendCommand,
    history: historyCommand,
    rollback: rollbackCommand,
    link: linkCommand,
    share: shareCommand,
    rm: rmCommand,
    console: consoleCommand,
    connect: connectCommand,
    doctor: doctorCommand,
    redrive: redriveCommand,
    sweep: sweepCommand,
    "catch-up": catchUpCommand,
    destroy: destroyCommand,
    completion: completionCommand,
  },
  docs: {
    brief: "Runs a Noteferry deployment: files, Notehub routes, health",
  },
});

export const application = buildApplication<CliContext>(root, {
  name: "noteferry",
  versionInfo: { getCurrentVersion: readVersion },
  scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
  documentation: { caseStyle: "convert-camel-to-kebab", onlyRequiredInUsageLine: true },
  determineExitCode: (error) => judgeFailure(error).exit,
  localization: {
    text: {
      ...text_en,
      exceptionWhileParsingArguments: sentenceForArguments,
      exceptionWhileRunningCommand: (error) => judgeFailure(error).sentence,
    },
  },
});

/** What is refused without a flag before it: the parser gives the name of a flag and a placeholder alike. */
const POSITIONAL: ReadonlySet<string> = new Set(["bash|zsh", "percent"]);

/** The parser's own sentence for a value that is refused begins with "Failed to parse". */
function sentenceForArguments(error: unknown): string {
  if (!(error instanceof ArgumentScannerError)) return judgeFailure(error).sentence;
  const sentence = formatMessageForArgumentScannerError(error, {
    ArgumentParseError({ externalFlagNameOrPlaceholder: name, input, exception }) {
      const typed = POSITIONAL.has(name) ? input : `--${name} ${input}`;
      return `${typed}: ${exception instanceof Error ? exception.message : String(exception)}`;
    },
  });
  const isMissing = error instanceof UnsatisfiedPositionalError;
  return printable(isMissing ? `${sentence}: --help says what the command takes` : sentence);
}
