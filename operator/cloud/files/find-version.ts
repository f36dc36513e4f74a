import { OperatorError } from "../operator-error.ts";
import type { Numbered } from "./number-versions.ts";

/** Characters of an id that may stand for it: a shorter text is a number, or a mistake. */
const ID_PREFIX_CHARS = 4;

/**
 * The version that a person means.
 *
 * @param versions newest first
 * @param to number, id or the beginning of one
 * @throws {OperatorError} `not-found`, or `usage` if it cannot be known which one is meant.
 */
export function findVersion(key: string, versions: readonly Numbered[], to: string): Numbered {
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

export function neverThere(key: string): OperatorError {
  return new OperatorError("not-found", `the bucket never had a file ${key}, or keeps it no more`);
}
