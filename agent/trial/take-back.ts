import type { Emit } from "../events/delivery-event.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import type { Installer } from "../install/installer.ts";
import type { InstalledFiles } from "../state/installed-files.ts";
import type { FailedVersions } from "./failed-versions.ts";
import type { PreviousFiles } from "./previous-files.ts";
import type { TrialStates } from "./trial-states.ts";
import type { Trial, Trials } from "./trials.ts";

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

/** Takes back versions that do not run. That needs no room on the disk if the state folder is on the same one. */
export function createTakeBack(files: TrialFiles, states: TrialStates, emit: Emit) {
  const { installer, previous, trials, failed, installed } = files;

  /**
   * @param seen whether its program was just seen to fail: whatever is in the place is then the version, even if it changed itself
   * @returns whether anything was changed.
   */
  async function restore({ path, version }: Trial, seen: boolean): Promise<boolean> {
    const there = seen ? version.sha256 : await installer.digest(path);
    const inPlace = there === version.sha256;
    if (!inPlace && there !== undefined) return false; // the version before is back, or a person has put something there
    const kept = await previous.find(path);
    if (kept !== undefined) await installer.putBack(path, kept);
    else if (inPlace) await installer.remove(path);
    return inPlace || kept !== undefined;
  }

  /** Makes the record name what is in the place. */
  async function correctRecord({ path, before }: Trial): Promise<void> {
    const there = await installer.digest(path);
    const recorded = installed.all().get(path);
    if (recorded?.sha256 === there) return;
    if (before !== undefined && before.sha256 === there) await installed.set(path, before);
    else await installed.delete(path);
  }

  /**
   * Condemns a version, so that it is never started again, and puts the one before back.
   *
   * @returns why it could not be put back, if so: the trial then remains, and this may be called again.
   */
  async function takeBack(
    trial: Trial,
    { detail, ended }: Blame,
    seen: boolean,
  ): Promise<InstallFailed | undefined> {
    const { path, version } = trial;
    const { name, size, sha256, etag, version: id, seq } = version;
    // A disk that does not take the verdict may still allow the rename.
    await trials.condemn(path).catch(() => undefined);
    let failure: InstallFailed | undefined;
    try {
      if (await onDisk(restore(trial, seen))) emit({ event: "restored", name, path, detail });
      // It was told that this could not be done: it must not seem so for ever.
      else if (states.of(path).troubleTold) emit({ event: "restored", name, path, detail: BY_HAND });
    } catch (error) {
      if (!(error instanceof InstallFailed)) throw error;
      failure = error;
    }
    const reason = failure === undefined ? "run" : "run-not-restored";
    states.of(path).verdictWritten = await failed
      .set(path, { sha256, reason, detail, ended, version: { name, size, etag, version: id, seq } })
      .then(
        () => true,
        () => false,
      );
    await correctRecord(trial).catch(() => undefined);
    return failure;
  }

  /** Ends the trial of a version that was taken back, unless it is the only place where the verdict is written. */
  async function endTrial({ path }: Trial): Promise<void> {
    if (!states.of(path).verdictWritten) return;
    states.forget(path);
    await trials.end(path);
    await previous.remove(path).catch(() => undefined);
  }

  return { takeBack, endTrial };
}
