import type { Version } from "../../cloud/files/list-versions.ts";
import { OperatorError } from "../../cloud/operator-error.ts";

export type KeptVersion = Extract<Version, { deleted: false }>;

/**
 * Which version to copy over a key.
 *
 * @param versions newest first
 * @param to number or id; undefined: the newest whose content is not the current one's
 * @returns undefined if the key holds that content already.
 * @throws {OperatorError}
 */
export function chooseVersion(
  key: string,
  versions: readonly Version[],
  to: string | undefined,
): KeptVersion | undefined {
  const [current] = versions;
  if (current === undefined)
    throw new OperatorError("not-found", `the bucket never had a file ${key}, or keeps it no more`);
  const differs = (version: Version): version is KeptVersion =>
    !version.deleted && (current.deleted || version.etag !== current.etag);
  if (to === undefined) {
    const found = versions.find(differs);
    if (found !== undefined) return found;
    throw new OperatorError(
      "not-found",
      `${key} has no older version with another content: see noteferry history`,
    );
  }
  const chosen = versions.find(({ n, versionId }) => String(n) === to || versionId === to);
  if (chosen === undefined)
    throw new OperatorError("not-found", `${key} has no version ${to}: see noteferry history`);
  if (chosen.deleted) {
    throw new OperatorError("usage", `version ${to} of ${key} is a deletion: noteferry rm deletes a file`);
  }
  return differs(chosen) ? chosen : undefined;
}
