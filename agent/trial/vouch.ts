import type { Installer } from "../install/installer.ts";
import type { InstalledFiles } from "../state/installed-files.ts";
import { sentenceOf } from "../system/errno.ts";
import type { KeptPrograms } from "./kept-programs.ts";

/** What is at a path, if that is what was installed there; or why a program must not be started for it. */
export type Vouched = { sha256: string } | { refusal: string };

/**
 * Looks whether a file is still what was installed.
 *
 * @param known what the agent has put there just now, if no record has it
 */
export type Vouch = (filePath: string, known?: string) => Promise<Vouched>;

/**
 * A program that is kept is started again and again, with what rights the agent has: nobody may get those by putting another
 * file in its place. Whoever replaces it after this look still can, which is why nobody else should be able to write there.
 */
export function createVouch(
  { digest }: Pick<Installer, "digest">,
  installed: Pick<InstalledFiles, "all">,
  kept: Pick<KeptPrograms, "digestOf">,
): Vouch {
  return async (filePath, known) => {
    let there: string | undefined;
    try {
      there = await digest(filePath);
    } catch (error) {
      return { refusal: `its file cannot be read: ${sentenceOf(error)}` };
    }
    if (there === undefined) return { refusal: "its file is not there any more" };
    const recorded = [known, kept.digestOf(filePath), installed.all().get(filePath)?.sha256];
    if (recorded.includes(there)) return { sha256: there };
    return {
      refusal: "its file is not what was installed: upload it once more, or put that back",
    };
  };
}

/** For whoever keeps no programs. */
export const VOUCH_FOR_NOTHING: Vouch = async () => ({ refusal: "nobody says what was installed" });
