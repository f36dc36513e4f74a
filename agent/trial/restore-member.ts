import type { Installer } from "../install/installer.ts";
import type { PreviousFiles } from "./previous-files.ts";
import { goalOf, type TrialMember } from "./trial-record.ts";

/** Puts back what was at the place of one file of a unit, or removes the file if nothing was. */
export function createRestore({ installer, previous }: { installer: Installer; previous: PreviousFiles }) {
  /**
   * @param seen whether its program was just seen to fail: whatever is in the place is then the version, even if it changed itself
   * @returns whether anything was changed.
   */
  return async (member: TrialMember, seen: boolean): Promise<boolean> => {
    const { path, removed } = member;
    const there = seen ? goalOf(member) : await installer.digest(path);
    const inPlace = there === goalOf(member);
    if (!inPlace && there !== undefined) return false; // the version before is back, or a person has put something there
    const kept = await previous.find(path);
    if (kept !== undefined) await installer.putBack(path, kept);
    else if (inPlace && !removed) await installer.remove(path);
    return kept !== undefined || (inPlace && !removed);
  };
}
