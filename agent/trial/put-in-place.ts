import { stat } from "node:fs/promises";
import type { Emit } from "../events/delivery-event.ts";
import type { SpaceClaim } from "../install/disk-space.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import { digestOfFile } from "../install/read-file.ts";
import type { AskedVersion } from "../link/link.ts";
import { createCompletion, putStaged } from "./complete-units.ts";
import { createTrialConductor, type TrialConductor, type TrialPrograms } from "./conduct-trials.ts";
import { isPerFile, type RunRule, ruleFor } from "./run-rule.ts";
import type { TrialFiles } from "./take-back.ts";
import type { Trial, TrialMember } from "./trial-record.ts";

/** A file of a unit: a version to install or, without content, one to remove. */
export type Change = {
  path: string;
  announcement: AskedVersion;
  content: (() => AsyncIterable<Buffer>) | undefined;
};

/** Puts verified versions in their places and has them run. */
export type Placing = Pick<TrialConductor, "settle"> & {
  /**
   * Puts all files of a unit in their places, keeps what they replace, and runs their program once. Earlier trials of its paths, and of its
   * rule, must have been settled.
   *
   * @param unit one file, or files of one rule
   * @throws {InstallFailed} `run` once a unit that does not run has been taken back, `run-not-restored` if the disk does not
   * allow that; any other if it is not in its place, with the `path` of the file that is to blame, where one is; the signal's
   * reason if it aborts.
   */
  putInPlace(unit: readonly Change[], signal: AbortSignal): Promise<void>;
  /** Room on disks that `putInPlace` needs besides the room for the version itself. */
  claims(path: string, existing?: { size: number; dev: number }): Promise<SpaceClaim[]>;
  /** The rule whose files are one unit; undefined for a file that is one by itself. */
  unitRule(path: string): RunRule | undefined;
  /** The file at a path was removed: an agent that was killed then has left the program that ran for it on record. */
  wasRemoved(path: string): Promise<void>;
  /** Continues where an earlier run of the agent ended: settles trials, and starts the programs that are kept running. */
  recover(signal: AbortSignal): Promise<void>;
};

/** INVARIANT: while a unit has not shown that it runs, a trial on disk says so, and what it replaced is kept. */
export function createPlacing(files: TrialFiles, trying: TrialPrograms, emit: Emit): Placing {
  const { installer, previous, trials, failed, installed } = files;
  const { programs, rules } = trying;
  const { settle, start, tryUnit, forget } = createTrialConductor(files, trying, emit);
  const { undo } = createCompletion(files);

  async function putAlone({ path, announcement, content }: Change, rule: RunRule | undefined): Promise<void> {
    if (content === undefined) {
      await installer.remove(path);
      if (rule !== undefined) await programs.end(rule, path); // it would run on without its file
      await installed.setAll(new Map([[path, undefined]])).catch(() => undefined);
    } else {
      verified(path, announcement, await installer.install(path, content(), announcement));
    }
    await failed.delete(path).catch(() => undefined);
  }

  async function stage({ path, announcement, content }: Change): Promise<void> {
    if (content === undefined) return;
    verified(path, announcement, await installer.stage(path, content(), announcement));
  }

  function verified(path: string, { name, sha256 }: AskedVersion, lost: string | undefined): void {
    emit({ event: "verified", name, sha256 });
    if (lost !== undefined) emit({ event: "attributes-lost", name, path, detail: lost });
  }

  /** Keeps what is at a path. */
  async function keep({ path, announcement, content }: Change): Promise<TrialMember> {
    await installer.lend(path, (file) =>
      file === undefined ? previous.remove(path) : previous.keep(path, file),
    );
    const before = await previous.find(path);
    const kept = before === undefined ? undefined : await digestOfFile(before);
    const recorded = installed.all().get(path);
    const { name, size, sha256, etag = "", version, fleet, seq } = announcement;
    return {
      path,
      version: { name, size, sha256, etag, version, fleet, seq },
      ...(content === undefined && { removed: true }),
      ...(recorded && { before: recorded }),
      ...(kept && { kept }),
    };
  }

  /** Everything that needs room, while all that was there is still in its place. */
  async function prepare(unit: readonly Change[]): Promise<Trial> {
    try {
      for (const change of unit) await blaming(change.path, stage(change));
      const members: TrialMember[] = [];
      for (const change of unit) members.push(await blaming(change.path, keep(change)));
      await previous.sync();
      return await trials.begin(members);
    } catch (error) {
      for (const { path } of unit) await installer.sweep(path);
      throw error;
    }
  }

  async function putTogether(unit: readonly Change[], rule: RunRule, signal: AbortSignal): Promise<void> {
    const trial = await prepare(unit);
    // The program that runs so far may end just now: it must not be started again with some files new and others old.
    programs.hold(rule);
    await putOrUndo(trial);
    await tryUnit(trial, rule, signal);
  }

  async function putOrUndo(trial: Trial): Promise<void> {
    try {
      await onDisk(putStaged(installer, trial.members));
    } catch (error) {
      // What is not undone now is decided about by whoever settles the trial.
      await undo(trial)
        .then(() => forget(trial))
        .catch(() => undefined);
      throw error;
    }
    await onDisk(installer.sync(trial.members.map(({ path }) => path)));
  }

  /** It is no more, as far as is known here, either: a file that a person has removed is missed. */
  async function wasTakenAway(path: string): Promise<boolean> {
    if (installed.all().has(path)) return false;
    return (await installer.digest(path).catch(() => "unknown")) === undefined;
  }

  return {
    settle,
    async putInPlace(unit, signal) {
      const rule = ruleFor(rules, unit[0]?.path ?? "");
      if (rule !== undefined && !runsWithout(unit, rule)) await putTogether(unit, rule, signal);
      else for (const change of unit) await putAlone(change, rule);
    },
    async claims(path, existing) {
      if (existing === undefined || ruleFor(rules, path) === undefined) return [];
      const { folder } = previous;
      return (await stat(folder)).dev === existing.dev ? [] : [{ folder, bytes: existing.size }];
    },
    unitRule(path) {
      const rule = ruleFor(rules, path);
      return rule === undefined || isPerFile(rule) ? undefined : rule;
    },
    async wasRemoved(path) {
      const rule = ruleFor(rules, path);
      if (rule !== undefined && isPerFile(rule)) await programs.end(rule, path);
    },
    async recover(signal) {
      await settle(signal);
      const onTrial = trials.all().flatMap(({ members }) => members.map(({ path }) => path));
      await previous.keepOnly(onTrial).catch(() => undefined);
      for (const rule of rules) {
        // While a file of this rule is on trial, its program might load the very version that does not run.
        if (onTrial.some((path) => ruleFor(rules, path) === rule)) continue;
        const path = programs.missing(rule, rules);
        if (path === undefined) continue;
        // It lasted without the file that it had been started for, the last of its rule.
        if (await wasTakenAway(path)) await programs.end(rule, path);
        else await start(rule, path);
      }
    },
  };
}

async function blaming<Result>(path: string, work: Promise<Result>): Promise<Result> {
  try {
    return await onDisk(work);
  } catch (error) {
    if (!(error instanceof InstallFailed)) throw error;
    throw new InstallFailed(error.reason, error.message, { cause: error, path });
  }
}

/** Of a file that is gone there is nothing to run. */
function runsWithout(unit: readonly Change[], rule: RunRule): boolean {
  return isPerFile(rule) && unit.every(({ content }) => content === undefined);
}
