import type { Emit } from "../events/delivery-event.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import { digestOfFile } from "../install/read-file.ts";
import { isStoppedByItself, judgeTrial } from "./judge-trial.ts";
import type { Programs, RunResult } from "./programs.ts";
import { commandFor, type RunRule, ruleFor } from "./run-rule.ts";
import { type Blame, createTakeBack, type TrialFiles } from "./take-back.ts";
import { createTrialStates } from "./trial-states.ts";
import type { Trial } from "./trials.ts";

/** What versions are tried by. */
export type TrialPrograms = { programs: Programs; rules: readonly RunRule[] };

/** Finds out whether versions run, and takes back those that do not. */
export type TrialConductor = {
  /**
   * Runs the program of a version that is in its place. The trial has counted this start already.
   *
   * @throws {InstallFailed} `run` once the version is taken back, `run-not-restored` if the disk does not allow that; the
   * signal's reason if it aborts: the next run of the agent then continues the trial.
   */
  tryVersion(trial: Trial, rule: RunRule, signal: AbortSignal): Promise<void>;
  /** Starts the program of a file that is known to be good: it is what was installed, or what was just put back. */
  start(rule: RunRule, path: string, putBack?: string): Promise<void>;
  /**
   * Brings an earlier trial of this path, or of every path, to its end.
   *
   * @returns why a trial could not be ended: the disk does not allow it now, and another try may succeed.
   */
  settle(signal: AbortSignal, path?: string): Promise<InstallFailed | undefined>;
};

export function createTrialConductor(
  files: TrialFiles,
  { programs, rules }: TrialPrograms,
  emit: Emit,
): TrialConductor {
  const { installer, previous, trials, failed, installed } = files;
  const states = createTrialStates();
  const { takeBack, endTrial } = createTakeBack(files, states, emit);

  async function accept({ path, version }: Trial): Promise<void> {
    await trials.end(path);
    // If the disk takes none of this, only `status` is less well informed.
    await failed.delete(path).catch(() => undefined);
    await previous.remove(path).catch(() => undefined);
    const { name, size, sha256, etag, version: id } = version;
    const file = { name, size, sha256, etag, version: id, installedAt: new Date().toISOString() };
    await installed.set(path, file).catch(() => undefined);
  }

  async function start(rule: RunRule, path: string, putBack?: string): Promise<void> {
    const name = installed.all().get(path)?.name ?? path;
    const starting = () =>
      emit({ event: "running", name, path, command: commandFor(rule, `${installer.root}/${path}`) });
    await programs.start(rule, path, starting, putBack);
  }

  async function tryVersion(trial: Trial, rule: RunRule, signal: AbortSignal): Promise<void> {
    const { path, version } = trial;
    const command = commandFor(rule, `${installer.root}/${path}`);
    let made = false;
    let result: RunResult;
    try {
      signal.throwIfAborted();
      const starting = () => {
        made = true;
        emit({ event: "running", name: version.name, path, command });
      };
      result = await programs.run(rule, path, signal, starting, version.sha256);
    } catch (error) {
      // Stopped in the middle, by a person or by the program itself, for instance because it updates the agent.
      if (signal.aborted && made && isStoppedByItself(trial)) await accept(trial);
      else if (signal.aborted) await trials.cutShort(path, made).catch(() => undefined);
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
    const { path } = trial;
    const { detail, ended } = blame;
    const failure = await takeBack(trial, blame, seen);
    if (failure !== undefined) {
      const sentence = `${detail}; the version before could not be put back: ${failure.message}`;
      const outcome = new InstallFailed("run-not-restored", sentence, { cause: failure, ended });
      tell(trial, outcome);
      throw outcome;
    }
    if (rule !== undefined && !states.of(path).restarted) {
      const restored = (await installer.digest(path).catch(() => undefined)) !== undefined;
      const good = restored ? path : programs.missing(rule, rules);
      if (good !== undefined) await start(rule, good, restored ? trial.kept : undefined);
    }
    states.of(path).restarted = true;
    await endTrial(trial); // last: an agent that is killed before the start above makes it at its next run
    throw new InstallFailed("run", detail, { ended });
  }

  /** A version that has changed itself counts as in place: the file is then neither that version nor the one before. */
  async function isInPlace({ path, version }: Trial): Promise<boolean> {
    const there = await installer.digest(path);
    if (there === version.sha256 || there === undefined) return there !== undefined;
    const kept = await previous.find(path);
    return kept === undefined || there !== (await onDisk(digestOfFile(kept)));
  }

  async function goOn(trial: Trial, signal: AbortSignal): Promise<void> {
    const { path, version } = trial;
    const rule = ruleFor(rules, path);
    const known = failed.get(path)?.sha256 === version.sha256 ? failed.get(path) : undefined;
    const condemned = trial.condemned || known !== undefined;
    const inPlace = await isInPlace(trial);
    const verdict = judgeTrial({ ...trial, condemned }, inPlace, rule !== undefined);
    if (verdict === "take-back") {
      const unseen = condemned
        ? { detail: "its program failed", ended: undefined }
        : { detail: "the agent did not survive its start", ended: "agent" };
      await reject(trial, rule, known ?? unseen, !condemned && inPlace);
    } else if (verdict === "forget") {
      await trials.end(path);
      await previous.remove(path).catch(() => undefined);
    } else if (verdict === "accept" || rule === undefined) {
      await accept(trial);
    } else {
      await onDisk(trials.restart(path));
      await tryVersion(trial, rule, signal);
    }
  }

  function tell({ path, version }: Trial, { message }: InstallFailed): void {
    const state = states.of(path);
    if (!state.troubleTold) emit({ event: "unsettled", name: version.name, path, detail: message });
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
    if (trials.of(trial.path) === undefined) states.forget(trial.path);
    else states.of(trial.path).troubleTold = false;
    return undefined;
  }

  async function settle(signal: AbortSignal, only?: string): Promise<InstallFailed | undefined> {
    let failure: InstallFailed | undefined;
    await trials.sweep().catch(() => undefined);
    for (const trial of trials.all()) {
      if (only === undefined || trial.path === only) failure = (await settleOne(trial, signal)) ?? failure;
    }
    return failure;
  }

  return { tryVersion, start, settle };
}
