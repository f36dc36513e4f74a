import { createInterface } from "node:readline/promises";

/**
 * Asks on stderr and reads a line, so that a result can be piped meanwhile.
 *
 * @returns undefined where a person could not answer.
 */
export function createAsk(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  signal: AbortSignal,
): ((question: string) => Promise<string>) | undefined {
  if (!input.isTTY || !output.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input, output });
    try {
      return await lines.question(question, { signal });
    } finally {
      lines.close();
    }
  };
}
