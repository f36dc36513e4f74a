import { RequestError } from "./errors.ts";

/** S3 calls them opaque, of at most 1,024 bytes; those that it gives have 32 characters, those in its documentation up to 64. */
const VERSION_ID = /^[!-~]{1,64}$/;

export function isVersionId(text: string): boolean {
  return VERSION_ID.test(text) && text !== "null";
}

/**
 * Parses the parameter `version`. `null` is S3's name for what was uploaded without versions: not one version, but whichever is there. [NF-3.10]
 *
 * @throws {RequestError} `bad-request`
 */
export function parseVersionId(text: string | undefined): string | undefined {
  if (text === undefined || isVersionId(text)) return text;
  throw new RequestError("bad-request", "version is not the id of a version");
}
