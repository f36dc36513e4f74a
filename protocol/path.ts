import { KeyRefused } from "./key-refused.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses
const UNSAFE_CHARACTER = /[\u0000-\u001f\u007f-\u009f\\]/;

/**
 * Refuses a path that could leave the agent's root or that no file system holds faithfully. [NF-1.4]
 *
 * @throws {KeyRefused} with reason `path`.
 */
export function checkPath(path: string): void {
  if (UNSAFE_CHARACTER.test(path)) {
    throw new KeyRefused("path", "the path has a backslash or a control character");
  }
  if (!path.isWellFormed()) throw new KeyRefused("path", "the path has half a surrogate pair");
  for (const segment of path.split("/")) {
    if (segment === "" || segment === "." || segment === "..") {
      throw new KeyRefused("path", "the path is empty, absolute, or has an empty, . or .. segment");
    }
  }
}
