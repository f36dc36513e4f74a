import { FlagError } from "../host/command-line/flags.ts";
import { parseArguments } from "./arguments.ts";
import { Refused } from "./ask-control.ts";
import { findStack, NoStack } from "./find-stack.ts";
import { runCommand } from "./run-command.ts";
import { USAGE } from "./usage.ts";

try {
  const asked = parseArguments(process.argv.slice(2), process.cwd());
  if (asked === undefined) console.log(USAGE);
  else await runCommand(asked.command, await findStack(asked.dataDir), console.log);
} catch (error) {
  const told = [FlagError, NoStack, Refused].some((kind) => error instanceof kind);
  if (!told || !(error instanceof Error)) throw error;
  console.error(error instanceof FlagError ? `${error.message}\n\n${USAGE}` : error.message);
  process.exitCode = error instanceof FlagError ? 2 : 1;
}
