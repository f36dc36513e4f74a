import { FlagError } from "./host/command-line/flags.ts";
import { FolderNotPrivate } from "./host/disk/private-folder.ts";
import { DataInUse } from "./stack/data-lock.ts";
import { parseFlags, USAGE } from "./stack/flags.ts";
import { runStack } from "./stack/run-stack.ts";
import { TemplateError } from "./template/intrinsics.ts";
import { SynthesisFailed } from "./template/synthesise.ts";

try {
  const flags = parseFlags(process.argv.slice(2), process.cwd());
  if (flags === undefined) console.log(USAGE);
  else await runStack(flags, process.stdout);
} catch (error) {
  const told = [DataInUse, FlagError, FolderNotPrivate, SynthesisFailed, TemplateError];
  if (!(error instanceof Error && told.some((kind) => error instanceof kind))) throw error;
  console.error(error instanceof FlagError ? `${error.message}\n\n${USAGE}` : error.message);
  process.exitCode = error instanceof FlagError ? 2 : 1;
}
