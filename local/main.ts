import { FlagError, parseFlags, USAGE } from "./flags.ts";
import { runStack } from "./run-stack.ts";

try {
  const flags = parseFlags(process.argv.slice(2), process.cwd());
  if (flags === undefined) console.log(USAGE);
  else await runStack(flags, process.stdout);
} catch (error) {
  if (!(error instanceof FlagError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
