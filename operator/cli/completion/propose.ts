import { type Application, proposeCompletions } from "@stricli/core";
import type { Where } from "../../cloud/find-deployment.ts";
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
  const [, flag = "", value = ""] = /^(--[a-z-]+=)(.*)$/s.exec(words.at(-1) ?? "") ?? [];
  const line = flag === "" ? words : [...words.slice(0, -1), flag.slice(0, -1), value];
  const before = line.slice(0, -1);
  const completing = { where: whereOf(before, context.env), words: before };
  const proposed = await proposeCompletions(application, line, { ...context, completing });
  const flagBegun = line.at(-1)?.startsWith("-") === true; // else a file may be meant, which the shell proposes
  for (const { kind, completion } of proposed) {
    if (kind !== "argument:flag" || flagBegun) context.process.stdout.write(`${flag}${completion}\n`);
  }
}

/** Which deployment the line is about, as far as it says by now. */
export function whereOf(words: readonly string[], { HOME }: CliContext["env"]): Where {
  const flagValue = (flag: string): string | undefined => {
    const at = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
    const found = words[at];
    return found === flag ? words[at + 1] : found?.slice(flag.length + 1);
  };
  // A shell that completes has not put the home folder in its place yet.
  const data = flagValue("--data")?.replace(/^~(?=\/|$)/, HOME ?? "~");
  return { local: words.includes("--local") || undefined, data, stage: flagValue("--stage") };
}
