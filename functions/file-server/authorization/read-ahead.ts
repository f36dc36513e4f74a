import type { Tokens } from "../../../protocol/bearer-token.ts";
import type { ReadTokens } from "./authorization.ts";

/**
 * Begins the first read before anybody asks. It is used once, if it is not older than `maxAgeMs`: the environment may have been frozen
 * since. If it failed, or is too old, the read is done as if it had not been begun.
 *
 * @param now milliseconds
 */
export function createReadAhead(
  read: ReadTokens,
  maxAgeMs: number,
  now: () => number,
): { begin: () => void; read: ReadTokens } {
  let begun: { at: number; tokens: Promise<Tokens> } | undefined;
  return {
    begin() {
      begun = { at: now(), tokens: read() };
      begun.tokens.catch(() => {}); // told to whoever asks, if anybody does
    },
    read() {
      const ahead = begun;
      begun = undefined;
      return ahead === undefined || now() - ahead.at > maxAgeMs ? read() : ahead.tokens.catch(read);
    },
  };
}
