import type { Version } from "./list-versions.ts";

/** Days that the bucket keeps a version which is no longer current, and longer while there are few: lib/file-bucket.ts. */
export const KEPT_DAYS = 90;

/** A version with its number, where it has one. */
export type Numbered = Version & { n: number | undefined };

/**
 * Numbers the contents of a key from the oldest, 1, so that an upload changes no number. A deletion has none.
 *
 * Nor has anything else once older versions may have expired, which would move the numbers: one that has expired was followed by
 * another at least 90 days ago, so that none has where the oldest that is left is younger.
 *
 * @param versions newest first
 * @param now milliseconds since the epoch
 */
export function numberVersions(versions: readonly Version[], now: number): Numbered[] {
  const oldest = versions.at(-1);
  const isWhole = oldest !== undefined && now - Date.parse(oldest.at) < KEPT_DAYS * 24 * 60 * 60 * 1000;
  let n = versions.filter(({ deleted }) => !deleted).length + 1;
  return versions.map((version) => {
    if (version.deleted) return { ...version, n: undefined };
    n -= 1;
    return { ...version, n: isWhole ? n : undefined };
  });
}
