import { InstallFailed, onDisk } from "../install/install-failed.ts";
import type { Installer } from "../install/installer.ts";
import { createCompletion } from "./complete-units.ts";
import type { PreviousFiles } from "./previous-files.ts";
import { createRestore } from "./restore-member.ts";
import { leadOf, type Trial } from "./trial-record.ts";
import type { Trials } from "./trials.ts";

/** What became of a unit: all of it is in its place, all is as before, or the disk allows neither. */
export type Recovered = { paths: string[]; end: "in-place" | "as-before" | "failed"; detail?: string };

type UnitFiles = { installer: Installer; previous: PreviousFiles };

/**
 * Brings every unit to all new or all old. It starts no program: whether a unit runs, the agent finds out when it goes on with its
 * trial.
 */
export async function recoverUnits(files: UnitFiles & { trials: Trials }): Promise<Recovered[]> {
  const { trials, previous } = files;
  const { complete } = createCompletion(files);
  const restore = createRestore(files);

  async function recover(trial: Trial): Promise<"in-place" | "as-before"> {
    if (trial.condemned) {
      for (const member of trial.members) await onDisk(restore(member, false));
      return "as-before"; // the record stays, for whoever writes the verdict
    }
    if (await complete(trial)) return "in-place";
    await trials.end(leadOf(trial).path);
    for (const { path } of trial.members) await previous.remove(path).catch(() => undefined);
    return "as-before";
  }

  const recovered: Recovered[] = [];
  for (const trial of trials.all()) recovered.push(await told(trial, () => recover(trial)));
  return recovered;
}

/** Says how units stand, and changes nothing; `failed` are those that are neither new nor old as a whole. */
export async function lookAtUnits(files: UnitFiles, trials: readonly Trial[]): Promise<Recovered[]> {
  const { judge } = createCompletion(files);
  const looked: Recovered[] = [];
  for (const trial of trials) {
    looked.push(
      await told(trial, async () => {
        const verdict = await judge(trial);
        if (verdict === "old") return "as-before";
        if (verdict === "in-place" && !trial.condemned) return "in-place";
        throw new InstallFailed("storage", "an agent is at work on it");
      }),
    );
  }
  return looked;
}

async function told({ members }: Trial, work: () => Promise<"in-place" | "as-before">): Promise<Recovered> {
  const paths = members.map(({ path }) => path);
  try {
    return { paths, end: await work() };
  } catch (error) {
    if (!(error instanceof InstallFailed)) throw error;
    return { paths, end: "failed", detail: error.message };
  }
}
