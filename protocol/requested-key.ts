import { RequestError } from "./errors.ts";
import { KEY_MAX_BYTES } from "./limits.ts";

/**
 * Refuses a key that no file can have. URL libraries resolve `.` and `..` on the way to S3: `a/../devices/…` would be
 * looked up as `devices/…`, past the rule that protects those keys. [NF-3.9] [NF-7.2]
 *
 * @throws {RequestError} `file-not-found`
 */
export function checkRequestedKey(key: string): void {
  const dots = key.split("/").some((segment) => segment === "." || segment === "..");
  if (dots || Buffer.byteLength(key) > KEY_MAX_BYTES) {
    throw new RequestError("file-not-found", "there is no such file");
  }
}
