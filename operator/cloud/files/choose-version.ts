import type { Numbered } from "../../cloud/files/number-versions.ts";
import { OperatorError } from "../../cloud/operator-error.ts";

export type KeptVersion = Extract<Numbered, { deleted: false }>;

/** Characters of an id that may stand for it: a shorter text is a number, or a mistake. */
const ID_PREFIX_CHARS = 4;

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
  if (current === undefined)
    throw new OperatorError("not-found", `the bucket never had a file ${key}, or keeps it no more`);
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

/** @throws {OperatorError} `not-found`, or `usage` if it cannot be known which one is meant. */
function findVersion(key: string, versions: readonly Numbered[], to: string): Numbered {
  const exact = versions.find(({ versionId }) => versionId === to);
  if (exact !== undefined) return exact;
  const isNumber = /^\d+$/.test(to);
  const meant = versions.filter(
    ({ n, versionId }) =>
      (isNumber && n === Number(to)) || (to.length >= ID_PREFIX_CHARS && versionId.startsWith(to)),
  );
  const [first, ...more] = meant;
  if (first === undefined) {
    if (isNumber && versions.every(({ n }) => n === undefined)) {
      const why = `older versions of ${key} may have expired, so ${to} may mean another than it did`;
      throw new OperatorError("usage", `${why}: say the id that noteferry history shows`);
    }
    throw new OperatorError("not-found", `${key} has no version ${to}: see noteferry history`);
  }
  if (more.length === 0) return first;
  const ids = meant.map(({ versionId }) => versionId).join(", ");
  throw new OperatorError("usage", `${to} may be any of ${meant.length} versions of ${key}: ${ids}`);
}
