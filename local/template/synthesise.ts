import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type CloudAssembly, readCloudAssembly } from "./cloud-assembly.ts";

const run = promisify(execFile);

/** The repository's root: the CDK app and the agent lie below it. */
export const REPOSITORY_ROOT = path.resolve(import.meta.dirname, "../..");

/** The app did not synthesise; the message is what it printed. */
export class SynthesisFailed extends Error {
  override name = "SynthesisFailed" as const;
}

/**
 * Synthesises the CDK app as `cdk deploy` would, with `context` as its `-c` settings.
 *
 * @throws {SynthesisFailed}
 */
export async function synthesise(options: {
  outDir: string;
  context: Readonly<Record<string, string>>;
}): Promise<CloudAssembly> {
  await rm(options.outDir, { recursive: true, force: true }); // a stale bundle would run unnoticed
  try {
    await run(process.execPath, [path.join(REPOSITORY_ROOT, "bin/app.ts")], {
      cwd: REPOSITORY_ROOT,
      env: {
        ...process.env,
        CDK_OUTDIR: options.outDir,
        CDK_CONTEXT_JSON: JSON.stringify(options.context),
        CDK_VALIDATION: "false", // most of synthesis's time, and test/lib checks more
      },
    });
  } catch (cause) {
    const printed = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
    throw new SynthesisFailed(`the CDK app did not synthesise:\n${printed}`, { cause });
  }
  return readCloudAssembly(options.outDir);
}
