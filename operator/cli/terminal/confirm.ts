import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";

/**
 * Asks a person whether to go on.
 *
 * @throws {OperatorError} `usage` if the answer is not yes, or there is no terminal to ask at: then it takes `--yes`.
 */
export async function confirm({ ask }: CliContext, question: string): Promise<void> {
  if (ask === undefined) {
    throw new OperatorError("usage", `${question} There is no terminal to ask at: say --yes`);
  }
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new OperatorError("usage", "nothing was done");
}
