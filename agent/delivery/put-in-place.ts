import type { Announcement } from "../../protocol/announcement.ts";
import { digestOf } from "../install/file-digest.ts";
import { InstallFailed } from "../install/install-failed.ts";
import type { Installer } from "../install/installer.ts";
import type { Programs } from "../program/programs.ts";
import { commandFor, type RunRule, ruleFor } from "../program/run-rule.ts";
import type { FailedVersions } from "../state/failed-versions.ts";
import type { JsonRecord } from "../state/json-record.ts";
import type { PreviousFiles } from "../state/previous-files.ts";
import type { Trial } from "../state/trial-record.ts";
import type { Emit } from "./delivery-event.ts";

export type PlacingParts = {
  installer: Installer;
  previous: PreviousFiles;
  trials: JsonRecord<Trial>;
  failed: FailedVersions;
  programs: Programs;
  rules: readonly RunRule[];
  emit: Emit;
};

/**
 * Installs a version, keeps the one it replaces, and runs its program.
 *
 * @throws {InstallFailed} with reason `run` once a version that does not run has been taken back.
 */
export type PutInPlace = (
  announcement: Announcement,
  path: string,
  content: AsyncIterable<Buffer>,
  signal: AbortSignal,
) => Promise<void>;

/** Starts of one version's program, over several runs of the agent, before it is taken for what brings the device down. */
const MAX_STARTS = 3;

/**
 * INVARIANT: while a version has not shown that it runs, a trial on disk says so, and what it replaced is kept: whoever comes
 * next either tries it again or takes it back.
 */
export function createPlacing(parts: PlacingParts): {
  putInPlace: PutInPlace;
  recover(signal: AbortSignal): Promise<void>;
} {
  const { installer, previous, trials, failed, programs, rules, emit } = parts;

  async function tryVersion(trial: Trial, rule: RunRule, signal: AbortSignal): Promise<void> {
    const { name, path } = trial;
    await trials.write({ ...trial, starts: trial.starts + 1 });
    emit({ event: "running", name, path, command: commandFor(rule, `${installer.root}/${path}`) });
    try {
      const result = await programs.run(rule, path, signal);
      if (!result.ok) await takeBack(trial, rule, result.detail, signal);
    } catch (error) {
      // Stopped in the middle, perhaps by the very program, as when it updates the agent: nothing speaks against it.
      if (signal.aborted) await trials.remove();
      throw error;
    }
    await trials.remove();
  }

  async function takeBack(
    trial: Trial,
    rule: RunRule | undefined,
    detail: string,
    signal: AbortSignal,
  ): Promise<never> {
    const { name, path, sha256 } = trial;
    // A full disk must not keep a version in its place that does not run.
    await failed.set(path, { sha256, reason: "run", detail }).catch(() => undefined);
    const before = trial.hadPrevious ? await previous.find(path) : undefined;
    if (before === undefined) await installer.remove(path);
    else await installer.install(path, before.content(), before);
    await trials.remove();
    emit({ event: "restored", name, path, detail });
    if (before !== undefined && rule !== undefined) await programs.run(rule, path, signal);
    throw new InstallFailed("run", detail);
  }

  return {
    async putInPlace(announcement, path, content, signal) {
      const { name, sha256 } = announcement;
      const rule = ruleFor(rules, path);
      const trial: Trial = { name, path, sha256, hadPrevious: false, starts: 0 };
      await installer.install(path, content, announcement, async (place) => {
        emit({ event: "verified", name, sha256 });
        const replaced = await digestOf(place);
        trial.hadPrevious = replaced !== undefined;
        if (replaced !== undefined) await previous.keep(path, place.folder.at(place.name), replaced);
        if (rule !== undefined) await trials.write(trial);
      });
      if (rule !== undefined) await tryVersion(trial, rule, signal);
      await failed.delete(path);
    },

    /** Goes on with a trial that an earlier run of the agent did not see the end of. */
    async recover(signal) {
      const trial = await trials.read();
      if (trial === undefined) return;
      const rule = ruleFor(rules, trial.path);
      const condemned = failed.get(trial.path)?.sha256 === trial.sha256;
      const inPlace = (await installer.digest(trial.path)) === trial.sha256;
      try {
        if (condemned) await takeBack(trial, rule, failed.get(trial.path)?.detail ?? "", signal);
        else if (!inPlace || rule === undefined) await trials.remove();
        else if (trial.starts < MAX_STARTS) await tryVersion(trial, rule, signal);
        else await takeBack(trial, rule, "the agent did not survive its start", signal);
      } catch (error) {
        if (!(error instanceof InstallFailed) || error.reason !== "run") throw error;
      }
    },
  };
}
