import { explainFailure } from "../cloud/explain-failure.ts";
import { printable } from "./terminal/printable.ts";

/**
 * `fault`: it failed, in part or as a whole, or `doctor` found something. `usage`: the command line cannot be carried out, or a question
 * was answered with no. `auth`: credentials are missing or not enough. `not-found`: no such stack, key, version, device or fleet.
 * `interrupted`: the number that shells give Ctrl-C.
 */
export const EXIT = { ok: 0, fault: 1, usage: 2, auth: 4, "not-found": 5, interrupted: 130 } as const;

/** The sentence and the exit code for what a command threw. Names in the sentence move no cursor, and make no line of their own. */
export function judgeFailure(error: unknown): { exit: number; sentence: string } {
  if (error instanceof Error && error.name === "AbortError") {
    return { exit: EXIT.interrupted, sentence: "interrupted" };
  }
  const known = explainFailure(error);
  if (known !== undefined) {
    return { exit: EXIT[known.code], sentence: linesOf([known.message, ...known.lines]) };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exit: EXIT.fault, sentence: linesOf(stack.split("\n")) };
}

function linesOf(lines: readonly string[]): string {
  return lines.map(printable).join("\n");
}
