/**
 * What is in the place of one file of a unit: the version on trial (`new`), what was there before (`old`), or something else: a
 * version that changed itself, or what a person has put there.
 */
export type Inside = "new" | "old" | "other";

/** @param staged whether the new version waits beside its place, whole */
export type MemberOnDisk = { inside: Inside; staged: boolean };

/**
 * What to do about a unit that was being put in place when something ended that, decided by what is on the disk. `in-place`: all
 * of it is. `finish`: what is not in its place waits beside it. `undo`: a part cannot be had any more. `old`: none of it is.
 */
export type UnitOnDisk = "in-place" | "finish" | "undo" | "old";

export function judgeUnit(members: readonly MemberOnDisk[]): UnitOnDisk {
  const missing = members.filter(({ inside }) => inside === "old");
  if (missing.length === 0) return "in-place";
  if (missing.every(({ staged }) => staged)) return "finish";
  return missing.length === members.length ? "old" : "undo";
}
