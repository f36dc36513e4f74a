import { type Application, proposeCompletions } from "@stricli/core";
import type { CliContext } from "../context.ts";

/** What the scripts call at each press of the key. It is no command of the application, which would have to know itself. */
export const COMPLETE = "__complete";

/**
 * Prints what may stand in place of the last word, a line each.
 *
 * @param words after the command's name; the last one is begun, or empty
 */
export async function printCompletions(
  application: Application<CliContext>,
  words: readonly string[],
  context: CliContext,
): Promise<void> {
  const proposed = await proposeCompletions(application, words, context);
  const flagBegun = words.at(-1)?.startsWith("-") === true; // else a file may be meant, which the shell proposes
  for (const { kind, completion } of proposed) {
    if (kind !== "argument:flag" || flagBegun) context.process.stdout.write(`${completion}\n`);
  }
}
