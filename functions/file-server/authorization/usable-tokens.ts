import { isPresentable, type Tokens } from "../../../protocol/bearer-token.ts";

/**
 * The tokens of a secret; one that no header can carry comes back empty.
 *
 * @param onUnusable told which those are
 */
export function usableTokens(tokens: Tokens, onUnusable: (names: (keyof Tokens)[]) => void): Tokens {
  const names = (["current", "previous"] as const).filter((name) => {
    return tokens[name] !== "" && !isPresentable(tokens[name]);
  });
  if (names.length > 0) onUnusable(names);
  return { ...tokens, ...Object.fromEntries(names.map((name) => [name, ""])) };
}
