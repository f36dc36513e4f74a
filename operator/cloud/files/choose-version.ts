import type { Numbered } from "../../cloud/files/number-versions.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { findVersion, neverThere } from "./find-version.ts";

export type KeptVersion = Extract<Numbered, { deleted: false }>;

/**
 * Which version to copy over a key.
 *
 * @param versions newest first
 * @param to number, id or the beginning of one; undefined: the newest whose content is not the current one's
 * @returns undefined if the key holds that content already.
 * @throws {OperatorError}
 */
export function chooseVersion(
  key: string,
  versions: readonly Numbered[],
  to: string | undefined,
): KeptVersion | undefined {
  const [current] = versions;
  if (current === undefined) throw neverThere(key);
  const differs = (version: Numbered): version is KeptVersion =>
    !version.deleted && (current.deleted || version.etag !== current.etag);
  if (to === undefined) {
    const found = versions.find(differs);
    if (found !== undefined) return found;
    throw new OperatorError(
      "not-found",
      `${key} has no older version with another content: see noteferry history`,
    );
  }
  const chosen = findVersion(key, versions, to);
  if (chosen.deleted) {
    throw new OperatorError("usage", `version ${to} of ${key} is a deletion: noteferry rm deletes a file`);
  }
  return differs(chosen) ? chosen : undefined;
}
