import { InstallFailed, installFailureOf, onDisk } from "../install/install-failed.ts";
import type { Installer } from "../install/installer.ts";
import { digestOfFile } from "../install/read-file.ts";
import { judgeUnit, type MemberOnDisk, type UnitOnDisk } from "./judge-unit.ts";
import type { PreviousFiles } from "./previous-files.ts";
import { createRestore } from "./restore-member.ts";
import { goalOf, type Trial, type TrialMember } from "./trial-record.ts";

/** Brings a unit from what a crash has left of it to all new or all old. [NF-9.10] */
export type Completion = {
  /** What would be done about it. @throws {InstallFailed} */
  judge(trial: Pick<Trial, "members">): Promise<UnitOnDisk>;
  /**
   * @returns whether it is in its place; if not, nothing of it is, and nothing lies beside.
   * @throws {InstallFailed} if the disk does not allow it: it may be called again.
   */
  complete(trial: Pick<Trial, "members">): Promise<boolean>;
  /** Puts back what was there before, of each file that is in its place. @throws {InstallFailed} as `complete`. */
  undo(trial: Pick<Trial, "members">): Promise<void>;
};

export function createCompletion(files: { installer: Installer; previous: PreviousFiles }): Completion {
  const { installer, previous } = files;
  const restore = createRestore(files);

  async function look(member: TrialMember): Promise<MemberOnDisk> {
    const { path, removed, kept } = member;
    const there = await installer.digest(path);
    if (there === goalOf(member)) return { inside: "new", staged: false };
    // What waits beside its place was not put there yet, whatever a program that still ran has made of what is there.
    if (!removed && (await installer.stagedDigest(path)) === goalOf(member))
      return { inside: "old", staged: true };
    const old = there === undefined ? undefined : (kept ?? (await keptDigest(path)));
    // A hard link is a second name for the same file, which something may have changed since.
    if (there !== old && there !== (await keptDigest(path))) return { inside: "other", staged: false };
    return { inside: "old", staged: removed ?? false };
  }

  async function keptDigest(path: string): Promise<string | undefined> {
    const kept = await previous.find(path);
    return kept === undefined ? undefined : digestOfFile(kept);
  }

  async function undo({ members }: Pick<Trial, "members">): Promise<void> {
    for (const member of members) {
      await onDisk(restore(member, false));
      await installer.sweep(member.path);
    }
  }

  async function lookAt({ members }: Pick<Trial, "members">): Promise<Map<TrialMember, MemberOnDisk>> {
    const looks = new Map<TrialMember, MemberOnDisk>();
    for (const member of members) looks.set(member, await onDisk(look(member)));
    return looks;
  }

  return {
    undo,
    judge: async (trial) => judgeUnit([...(await lookAt(trial)).values()]),
    async complete(trial) {
      const looks = await lookAt(trial);
      const verdict = judgeUnit([...looks.values()]);
      if (verdict === "finish") {
        const missing = [...looks].filter(([, { inside }]) => inside === "old").map(([member]) => member);
        await onDisk(putStaged(installer, missing));
        await onDisk(installer.sync(missing.map(({ path }) => path)));
      } else if (verdict !== "in-place") {
        await undo(trial);
      }
      return verdict === "in-place" || verdict === "finish";
    },
  };
}

/**
 * The renames of a unit. A reader may see some of its files new and others old meanwhile. A power loss may
 * undo any of them until a sync. [NF-9.10]
 *
 * @throws {InstallFailed} with the path of the file that is to blame: no other is to be refused for it
 */
export async function putStaged(installer: Installer, members: readonly TrialMember[]): Promise<void> {
  for (const { path, removed } of members) {
    try {
      if (removed) await installer.remove(path);
      else await installer.putStaged(path);
    } catch (cause) {
      const { reason, message } = installFailureOf(cause);
      throw new InstallFailed(reason, message, { cause, path });
    }
  }
}
