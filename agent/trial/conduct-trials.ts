import type { Emit } from "../events/delivery-event.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import { createCompletion } from "./complete-units.ts";
import { digestOf, type FailedVersion, REMOVED, unitName } from "./failed-versions.ts";
import { isStoppedByItself, judgeTrial } from "./judge-trial.ts";
import type { Programs, RunResult } from "./programs.ts";
import { commandFor, namesFile, type RunRule, ruleFor } from "./run-rule.ts";
import { type Blame, createTakeBack, digestsOf, type TrialFiles } from "./take-back.ts";
import { goalOf, leadOf, type Trial } from "./trial-record.ts";
import { createTrialStates } from "./trial-states.ts";

/** What versions are tried by. */
export type TrialPrograms = { programs: Programs; rules: readonly RunRule[] };

/** Finds out whether units run, and takes back those that do not. */
export type TrialConductor = {
  /**
   * Runs the program of a unit that is in its place. The trial has counted this start already.
   *
   * @throws {InstallFailed} `run` once the unit is taken back, `run-not-restored` if the disk does not allow that; the
   * signal's reason if it aborts: the next run of the agent then continues the trial.
   */
  tryUnit(trial: Trial, rule: RunRule, signal: AbortSignal): Promise<void>;
  /** Starts the program of a file that is known to be good: it is what was installed, or what was just put back. */
  start(rule: RunRule, path: string, putBack?: string): Promise<void>;
  /** Ends the trial of a unit of which nothing is in its place. */
  forget(trial: Trial): Promise<void>;
  /**
   * Brings earlier trials to their end.
   *
   * @param concerns whether those count to which a file with that path belongs; all do unless it is given
   * @returns why a trial could not be ended: the disk does not allow it now, and another try may succeed.
   */
  settle(signal: AbortSignal, concerns?: (path: string) => boolean): Promise<InstallFailed | undefined>;
};

export function createTrialConductor(
  files: TrialFiles,
  { programs, rules }: TrialPrograms,
  emit: Emit,
): TrialConductor {
  const { installer, previous, trials, failed, installed } = files;
  const states = createTrialStates();
  const { takeBack, endTrial } = createTakeBack(files, states, emit);
  const { complete } = createCompletion(files);

  async function forget(trial: Trial): Promise<void> {
    const { path: lead } = leadOf(trial);
    await trials.end(lead);
    for (const { path } of trial.members) await previous.remove(path).catch(() => undefined);
    const rule = ruleFor(rules, lead);
    if (rule !== undefined) programs.release(rule);
  }

  async function accept(trial: Trial): Promise<void> {
    await trials.end(leadOf(trial).path);
    // If the disk takes none of this, only `status` is less well informed.
    await failed.settle(digestsOf(trial)).catch(() => undefined);
    for (const { path } of trial.members) await previous.remove(path).catch(() => undefined);
    const installedAt = new Date().toISOString();
    const now = trial.members.map(({ path, version, removed }): [string, InstalledFile | undefined] => {
      const { seq: _, ...file } = version;
      return [path, removed ? undefined : { ...file, installedAt }];
    });
    await installed.setAll(new Map(now)).catch(() => undefined);
  }

  async function start(rule: RunRule, path: string, putBack?: string): Promise<void> {
    const name = installed.all().get(path)?.name ?? path;
    const starting = () =>
      emit({ event: "running", name, path, command: commandFor(rule, `${installer.root}/${path}`) });
    await programs.start(rule, path, starting, putBack);
  }

  /**
   * The file that a program is kept for has to be there, or it would not be started again: of what is all to go another of the rule. `isLast`: there
   * is none.
   */
  function startedFor(
    trial: Trial,
    rule: RunRule,
  ): { path: string; name: string; sha256?: string; isLast: boolean } {
    const { path, version, removed } = leadOf(trial);
    if (!removed) return { path, name: version.name, sha256: version.sha256, isLast: false };
    const gone = new Set(trial.members.map((member) => member.path));
    const other = [...installed.all()].findLast(([each]) => !gone.has(each) && ruleFor(rules, each) === rule);
    return other === undefined
      ? { path, name: version.name, isLast: true }
      : { path: other[0], name: other[1].name, sha256: other[1].sha256, isLast: false };
  }

  async function tryUnit(trial: Trial, rule: RunRule, signal: AbortSignal): Promise<void> {
    const { path: lead } = leadOf(trial);
    const { path, name, sha256, isLast } = startedFor(trial, rule);
    // What it would run is gone, with all else that it was for.
    if (isLast && trial.members.some((member) => namesFile(rule, installer.root, member.path))) {
      signal.throwIfAborted();
      for (const member of trial.members) await programs.end(rule, member.path);
      programs.release(rule);
      return await accept(trial);
    }
    const command = commandFor(rule, `${installer.root}/${path}`);
    let made = false;
    let result: RunResult;
    try {
      signal.throwIfAborted();
      const starting = () => {
        made = true;
        emit({ event: "running", name, path, command });
      };
      result = await programs.run(rule, path, signal, starting, sha256);
    } catch (error) {
      // Stopped in the middle, by a person or by the program itself, for instance because it updates the agent.
      if (signal.aborted && made && isStoppedByItself(trial)) await accept(trial);
      else if (signal.aborted) await trials.cutShort(lead, made).catch(() => undefined);
      throw error;
    }
    if (result.ok) await accept(trial);
    else await reject(trial, rule, { detail: result.detail, ended: result.reason }, true);
  }

  /** @throws {InstallFailed} `run` or `run-not-restored`. */
  async function reject(
    trial: Trial,
    rule: RunRule | undefined,
    blame: Blame,
    seen: boolean,
  ): Promise<never> {
    const { detail, ended } = blame;
    const failure = await takeBack(trial, blame, seen);
    if (failure !== undefined) {
      const sentence = `${detail}; the version before could not be put back: ${failure.message}`;
      const outcome = new InstallFailed("run-not-restored", sentence, { cause: failure, ended });
      tell(trial, outcome);
      throw outcome;
    }
    if (rule !== undefined && !states.of(trial).restarted) await restartFormer(trial, rule);
    states.of(trial).restarted = true;
    await endTrial(trial); // last: an agent that is killed before the start above makes it at its next run
    throw new InstallFailed("run", detail, { ended });
  }

  /** Starts the program of what was put back or, where nothing was, the one that the rule had. */
  async function restartFormer({ members }: Trial, rule: RunRule): Promise<void> {
    for (const { path, kept } of members.toReversed()) {
      const restored = (await installer.digest(path).catch(() => undefined)) !== undefined;
      if (restored) return start(rule, path, kept);
    }
    const missing = programs.missing(rule, rules);
    if (missing !== undefined) await start(rule, missing);
  }

  /** What was written of this very unit before: an agent may have died just after that. */
  function verdictOn(trial: Trial): FailedVersion | undefined {
    const lead = leadOf(trial);
    const known = failed.get(lead.path);
    if (known === undefined || known.forgiven || digestOf(known) !== (goalOf(lead) ?? REMOVED))
      return undefined;
    return known.unit === unitName(digestsOf(trial)) ? known : undefined;
  }

  /** An agent that was killed just after the renames left them unsynced: once the trial has ended, a power loss must not undo one. */
  function sync({ members }: Trial): Promise<void> {
    return onDisk(installer.sync(members.map(({ path }) => path)));
  }

  async function goOn(trial: Trial, signal: AbortSignal): Promise<void> {
    const { path } = leadOf(trial);
    const rule = ruleFor(rules, path);
    const known = verdictOn(trial);
    const condemned = trial.condemned || known !== undefined;
    const inPlace = condemned || (await complete(trial));
    const verdict = judgeTrial({ ...trial, condemned }, inPlace, rule !== undefined);
    if (verdict === "take-back") {
      const unseen = condemned
        ? { detail: "its program failed", ended: undefined }
        : { detail: "the agent did not survive its start", ended: "agent" };
      await reject(trial, rule, known ?? unseen, !condemned);
    } else if (verdict === "forget") {
      await forget(trial);
    } else if (verdict === "accept" || rule === undefined) {
      await sync(trial);
      await accept(trial);
    } else {
      await onDisk(trials.restart(path));
      await sync(trial);
      await tryUnit(trial, rule, signal);
    }
  }

  function tell(trial: Trial, { message }: InstallFailed): void {
    const state = states.of(trial);
    const lead = leadOf(trial);
    if (!state.troubleTold)
      emit({ event: "unsettled", name: lead.version.name, path: lead.path, detail: message });
    state.troubleTold = true;
  }

  async function settleOne(trial: Trial, signal: AbortSignal): Promise<InstallFailed | undefined> {
    try {
      await goOn(trial, signal);
    } catch (error) {
      if (!(error instanceof InstallFailed)) throw error;
      if (error.reason !== "run") {
        tell(trial, error);
        return error;
      }
    }
    if (trials.of(leadOf(trial).path) === undefined) states.forget(trial);
    else states.of(trial).troubleTold = false;
    return undefined;
  }

  async function settle(
    signal: AbortSignal,
    concerns: (path: string) => boolean = () => true,
  ): Promise<InstallFailed | undefined> {
    let failure: InstallFailed | undefined;
    await trials.sweep().catch(() => undefined);
    for (const trial of trials.all()) {
      const asked = trial.members.some(({ path }) => concerns(path));
      if (asked) failure = (await settleOne(trial, signal)) ?? failure;
    }
    return failure;
  }

  return { tryUnit, start, settle, forget };
}
