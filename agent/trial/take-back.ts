import type { Emit } from "../events/delivery-event.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import type { Installer } from "../install/installer.ts";
import type { InstalledFile, InstalledFiles } from "../state/installed-files.ts";
import { type FailedVersion, type FailedVersions, REMOVED, unitName } from "./failed-versions.ts";
import type { PreviousFiles } from "./previous-files.ts";
import { createRestore } from "./restore-member.ts";
import { goalOf, leadOf, type Trial } from "./trial-record.ts";
import type { TrialStates } from "./trial-states.ts";
import type { Trials } from "./trials.ts";

/** Why a version is taken back: a sentence, and how its program ended, where that is known. */
export type Blame = { detail: string; ended?: string | undefined };

/** The files that are on trial, and the records of trials on disk. */
export type TrialFiles = {
  installer: Installer;
  previous: PreviousFiles;
  trials: Trials;
  failed: FailedVersions;
  installed: InstalledFiles;
};

const BY_HAND = "somebody has put another file in its place meanwhile";

/** Takes back units that do not run. That needs no room on the disk if the state folder is on the same one. */
export function createTakeBack(files: TrialFiles, states: TrialStates, emit: Emit) {
  const { installer, previous, trials, failed, installed } = files;
  const restore = createRestore(files);

  /** Makes the record name what is in the places. */
  async function correctRecord({ members }: Trial): Promise<void> {
    const changes = new Map<string, InstalledFile | undefined>();
    for (const { path, before } of members) {
      const there = await installer.digest(path);
      if (installed.all().get(path)?.sha256 === there) continue;
      changes.set(path, before?.sha256 === there ? before : undefined);
    }
    await installed.setAll(changes);
  }

  /** One file after the other, and those that the disk allows. @returns why not all could be put back, if so. */
  async function restoreAll(trial: Trial, detail: string, seen: boolean): Promise<InstallFailed | undefined> {
    let failure: InstallFailed | undefined;
    for (const member of trial.members) {
      const told = { event: "restored", name: member.version.name, path: member.path } as const;
      try {
        if (await onDisk(restore(member, seen))) emit({ ...told, detail });
        // It was told that this could not be done: it must not seem so for ever.
        else if (states.of(trial).troubleTold) emit({ ...told, detail: BY_HAND });
      } catch (error) {
        if (!(error instanceof InstallFailed)) throw error;
        failure ??= error;
      }
    }
    return failure;
  }

  /**
   * Condemns a unit, so that it is never started again, and puts back what was there before.
   *
   * @param seen whether its program was just seen to fail
   * @returns why it could not be put back, if so: the trial then remains, and this may be called again.
   */
  async function takeBack(trial: Trial, blame: Blame, seen: boolean): Promise<InstallFailed | undefined> {
    // A disk that does not take the verdict may still allow the rename.
    await trials.condemn(leadOf(trial).path).catch(() => undefined);
    const failure = await restoreAll(trial, blame.detail, seen);
    const reason = failure === undefined ? "run" : "run-not-restored";
    states.of(trial).verdictWritten = await failed.setAll(verdictOn(trial, blame, reason)).then(
      () => true,
      () => false,
    );
    await correctRecord(trial).catch(() => undefined);
    return failure;
  }

  /** Ends the trial of a unit that was taken back, unless it is the only place where the verdict is written. */
  async function endTrial(trial: Trial): Promise<void> {
    if (!states.of(trial).verdictWritten) return;
    states.forget(trial);
    await trials.end(leadOf(trial).path);
    for (const { path } of trial.members) await previous.remove(path).catch(() => undefined);
  }

  return { takeBack, endTrial };
}

function verdictOn(trial: Trial, { detail, ended }: Blame, reason: string): Map<string, FailedVersion> {
  const unit = unitName(digestsOf(trial));
  return new Map(
    trial.members.map(({ path, version: { sha256, etag, ...rest }, removed }) => {
      const version = { ...rest, etag: etag || undefined };
      return [path, { sha256, removed, reason, detail, ended, unit, version, forgiven: undefined }];
    }),
  );
}

/** Digests by path. */
export function digestsOf({ members }: Pick<Trial, "members">): ReadonlyMap<string, string> {
  return new Map(members.map((member) => [member.path, goalOf(member) ?? REMOVED]));
}
