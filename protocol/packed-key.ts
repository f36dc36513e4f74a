import { RequestError } from "./errors.ts";
import { packedKey, parsePacked } from "./packed.ts";

/**
 * The key in the packed bucket of what a request names. [NF-10.1]
 *
 * @throws {RequestError} `bad-request`
 */
export function parsePackedKey(name: string): string {
  const packed = parsePacked(name);
  if (packed === undefined) throw new RequestError("bad-request", "that names no packed content");
  return packedKey(packed);
}
