import type { SecretPair } from "../../../protocol/secret-pair.ts";
import type { ReadSecret } from "./kept-secret.ts";

/**
 * Begins the first read before anybody asks. It is used once, if it is not older than `maxAgeMs`: the environment may have been frozen
 * since. If it failed, or is too old, the read is done as if it had not been begun.
 *
 * @param now milliseconds
 */
export function createReadAhead(
  read: ReadSecret,
  maxAgeMs: number,
  now: () => number,
): { begin: () => void; read: ReadSecret } {
  let begun: { at: number; secret: Promise<SecretPair> } | undefined;
  return {
    begin() {
      begun = { at: now(), secret: read() };
      begun.secret.catch(() => {}); // told to whoever asks, if anybody does
    },
    read() {
      const ahead = begun;
      begun = undefined;
      return ahead === undefined || now() - ahead.at > maxAgeMs ? read() : ahead.secret.catch(read);
    },
  };
}
