import { OperatorError } from "../../operator/cloud/operator-error.ts";
import { FlagError } from "../host/command-line/flags.ts";
import { FolderNotPrivate, FolderUnusable } from "../host/disk/private-folder.ts";
import { PortTaken } from "../host/loopback/port-taken.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { SynthesisFailed } from "../template/synthesise.ts";
import { DataInUse } from "./data-lock.ts";
import { parseFlags, USAGE } from "./flags.ts";
import { runStack } from "./run-stack.ts";

/** What a person did or can mend: told in a sentence, without a stack trace. */
const TOLD = [
  DataInUse,
  FlagError,
  OperatorError,
  FolderNotPrivate,
  FolderUnusable,
  PortTaken,
  SynthesisFailed,
  TemplateError,
];

/** @returns the exit code. */
export async function runCommand(
  args: readonly string[],
  { env, cwd, stdout }: { env: NodeJS.ProcessEnv; cwd: string; stdout: NodeJS.WriteStream },
): Promise<number> {
  try {
    const flags = parseFlags(args, cwd, env);
    if (flags === undefined) stdout.write(`${USAGE}\n`);
    else await runStack(flags, stdout);
    return 0;
  } catch (error) {
    if (!(error instanceof Error && TOLD.some((kind) => error instanceof kind))) throw error;
    const isFlag = error instanceof FlagError;
    console.error(isFlag ? `${error.message}\n\nnpm start -- --help lists the flags.` : error.message);
    return isFlag ? 2 : 1;
  }
}
