import { type CommandContext, ExitCode, run } from "@stricli/core";
import { application } from "./application.ts";
import { COMPLETE, printCompletions } from "./completion/propose.ts";
import type { CliContext } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

/**
 * Parses the arguments and runs one command.
 *
 * @returns the exit code.
 */
export async function runCommandLine(args: readonly string[], context: CliContext): Promise<number> {
  if (args[0] === COMPLETE) {
    await printCompletions(application, args.slice(args[1] === "--" ? 2 : 1), context);
    return EXIT.ok;
  }
  const plain = (context.env.NO_COLOR ?? "") === "" ? {} : { STRICLI_NO_COLOR: "1" }; // the parser's own variable
  const { stdout, stderr } = context.process;
  const exiting: StricliProcess = { stdout, stderr, env: { ...context.env, ...plain } };
  await run(application, args.length === 0 ? ["--help"] : args, { ...context, process: exiting });
  if (context.signal.aborted) return EXIT.interrupted;
  return exitCodeOf(Number(exiting.exitCode ?? ExitCode.Success));
}

/** The parser has negative codes of its own, which a shell would see as 251 and the like. */
function exitCodeOf(code: number): number {
  if (code === ExitCode.UnknownCommand || code === ExitCode.InvalidArgument) return EXIT.usage;
  return code < 0 ? EXIT.fault : code;
}

/** The streams, with what the parser reads and sets besides. */
type StricliProcess = CommandContext["process"] & {
  readonly env: Readonly<Partial<Record<string, string>>>;
  exitCode?: number | string | null;
};
