import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Milliseconds that reading and writing a few attributes may take on a slow disk. */
const PATIENCE_MS = 10_000;

/** What a `cp` says that is not GNU's: it cannot tell whether there are any attributes. */
const UNKNOWN_OPTION = /unrecognized option|invalid option|illegal option|unknown option|usage:/i;

/**
 * Gives a file the extended attributes of another one, capabilities among them. Node has no call for that, GNU's `cp` does it; without
 * it nobody knows whether there are any.
 *
 * @param from a path, as `to`, that a child can use
 * @returns what could not be carried over, in a sentence; undefined if nothing is known to be lost
 */
export async function takeAttributes(from: string, to: string, program = "cp"): Promise<string | undefined> {
  const flags = ["--attributes-only", "--preserve=xattr"];
  try {
    await run(program, [...flags, "--", from, to], { timeout: PATIENCE_MS });
    return undefined;
  } catch (error) {
    const text = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    if (text === "" || UNKNOWN_OPTION.test(text)) return undefined;
    return text.split("\n", 1)[0]?.slice(0, 200);
  }
}
