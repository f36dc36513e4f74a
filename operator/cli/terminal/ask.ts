import { createInterface } from "node:readline/promises";

/** The sides of a terminal, as far as asking needs them. */
export type Terminal = {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream & { isTTY?: boolean };
};

/**
 * Asks on stderr and reads a line, so that a result can be piped meanwhile.
 *
 * @param interrupt called for Ctrl-C: while a line is read, that is a key and no signal
 * @returns undefined where a person could not answer.
 */
export function createAsk(
  { input, output }: Terminal,
  signal: AbortSignal,
  interrupt: () => void,
): ((question: string) => Promise<string>) | undefined {
  if (input.isTTY !== true || output.isTTY !== true) return undefined;
  return async (question) => {
    const lines = createInterface({ input, output });
    lines.on("SIGINT", interrupt);
    // Ctrl-D closes it, and the question would never be answered.
    const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    try {
      return await Promise.race([lines.question(question, { signal }), closed]);
    } finally {
      lines.close();
    }
  };
}
