import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { signalGroup } from "../system/signals.ts";
import type { KeptPrograms } from "./kept-programs.ts";
import { hasEnded, type Launched, launch, type ProgramEnd } from "./launch.ts";
import type { ProcessNotes } from "./process-notes.ts";
import { failuresInARow, pause, restartMs } from "./restarts.ts";
import { commandFor, type RunRule, ruleFor } from "./run-rule.ts";
import type { ProgramNews } from "./tell-stopped.ts";
import { VOUCH_FOR_NOTHING, type Vouch } from "./vouch.ts";

/** How a program did. One that still runs is as good as one that ended well. */
export type RunResult = { ok: true } | (ProgramEnd & { ok: false });

/** Programs that were started for installed files, at most one per rule. */
export type Programs = {
  /**
   * Stops the rule's program that runs, starts the new one and watches it for as long as the rule says. If it still runs then,
   * it is kept: the agent starts it again whenever it starts itself, until the program ends well or another one lasts in its place.
   * If it ends later, that is told, and the agent starts it again after a pause where the rule says so.
   *
   * @param starting called just before the program is started, unless the signal has aborted
   * @param sha256 of the version, which the file is checked against before the program is started again
   * @throws the signal's reason if it aborts; the program keeps running.
   */
  run(
    rule: RunRule,
    filePath: string,
    signal: AbortSignal,
    starting: () => void,
    sha256?: string,
  ): Promise<RunResult>;
  /**
   * The same for a file that is known to be good, without waiting. If it is not what was installed, that is told, and nothing is
   * started.
   *
   * @param known the SHA-256 of what was just put there
   */
  start(rule: RunRule, filePath: string, starting: () => void, known?: string): Promise<void>;
  /** Has no program of a rule started again: its files are being put in their places. It ends with `release`, `run` and `start`. */
  hold(rule: RunRule): void;
  release(rule: RunRule): void;
  /** Stops the rule's program for good, if it is that of a file which is gone. */
  end(rule: RunRule, filePath: string): Promise<void>;
  /** The file whose program is kept for a rule and does not run. */
  missing(rule: RunRule, rules: readonly RunRule[]): string | undefined;
  /** Stops every program that still runs. No write outlives it. */
  stop(): Promise<void>;
};

/** Milliseconds from SIGTERM to SIGKILL. */
const STOP_GRACE_MS = 5_000;

/**
 * Milliseconds to wait for the agent's own stop after a program ended badly: whoever ends the whole service ends its programs
 * too, and that says nothing about them.
 */
const SAME_STOP_MS = 500;

/** For whoever need not know. */
const SILENCE: ProgramNews = { stopped: () => {}, restarting: () => {}, well: () => {} };

/** A rule's program. On trial its end is the trial's matter, and told by that. */
type Running = Launched & { filePath: string; onTrial: boolean; failures: number; since: number };

/**
 * @param root real path below which the files are; programs start there
 * @param news told how programs do after their trial
 * @param stopping aborts when the agent is told to stop
 * @param vouch asked before a program is started again
 */
export function createPrograms(
  root: string,
  kept: Omit<KeptPrograms, "catchUp">,
  notes: ProcessNotes,
  news: ProgramNews = SILENCE,
  stopping: AbortSignal = new AbortController().signal,
  vouch: Vouch = VOUCH_FOR_NOTHING,
): Programs {
  const running = new Map<RunRule, Running>();
  /** Programs that will be started again. */
  const pausing = new Map<RunRule, { filePath: string; end: AbortController }>();

  /** Rules whose programs wait before they are started again. */
  const held = new Map<RunRule, PromiseWithResolvers<void>>();

  function release(rule: RunRule): void {
    held.get(rule)?.resolve();
    held.delete(rule);
  }

  /** @returns the file whose program it was. */
  async function stop(rule: RunRule): Promise<string | undefined> {
    const { child, filePath = pausing.get(rule)?.filePath } = running.get(rule) ?? {};
    running.delete(rule);
    pausing.get(rule)?.end.abort();
    pausing.delete(rule);
    release(rule);
    if (child?.pid === undefined || hasEnded(child)) return filePath;
    const { pid } = child;
    const ended = new Promise((resolve) => child.once("close", resolve));
    signalGroup(pid, "SIGTERM");
    const kill = setTimeout(() => signalGroup(pid, "SIGKILL"), STOP_GRACE_MS);
    await ended;
    clearTimeout(kill);
    return filePath;
  }

  function begin(rule: RunRule, filePath: string, onTrial: boolean, failures = 0): Running {
    const file = path.join(root, filePath);
    const launched = launch(commandFor(rule, file), root, file, rule.user);
    const { child, ended } = launched;
    if (child?.pid !== undefined) notes.note(child.pid);
    const program: Running = { ...launched, filePath, onTrial, failures, since: performance.now() };
    running.set(rule, program);
    void ended.then(async (end) => {
      if (running.get(rule) !== program) return; // stopped by us, which says nothing about it
      running.delete(rule);
      if (!program.onTrial) await tell(rule, program, end);
      else if (end.ok) await forget(filePath);
    });
    return program;
  }

  /** Writes of the record that have not ended. */
  const writing = new Set<Promise<void>>();

  /** If the disk does not take it, only the next run of the agent does not know. */
  async function written(work: Promise<void>): Promise<void> {
    const end = work.catch(() => undefined);
    writing.add(end);
    await end;
    writing.delete(end);
  }

  const forget = (filePath: string) => written(kept.delete(filePath));

  /** Keeps a program that has lasted in place of the one before it. */
  async function keep(
    filePath: string,
    former: string | undefined,
    sha256: string | undefined,
  ): Promise<void> {
    news.well(filePath);
    if (former !== undefined && former !== filePath) {
      news.well(former);
      await forget(former);
    }
    await written(kept.add(filePath, sha256));
  }

  /** A program that ended after its trial. One that ends well is not started again. */
  async function tell(rule: RunRule, { filePath, since, failures }: Running, end: ProgramEnd): Promise<void> {
    if (end.ok) {
      const wasKept = kept.all().includes(filePath);
      await forget(filePath);
      if (wasKept) news.stopped(filePath, end, undefined);
      return;
    }
    const inARow = failuresInARow(failures, performance.now() - since);
    if (!(await pause(SAME_STOP_MS, stopping))) return;
    const replaced = running.has(rule) || pausing.has(rule);
    const ms = rule.restart === undefined ? undefined : restartMs(rule.restart * 1000, inARow, Math.random());
    news.stopped(filePath, end, replaced ? undefined : ms);
    if (ms !== undefined && !replaced) await restart(rule, filePath, inARow, ms);
  }

  async function restart(rule: RunRule, filePath: string, failures: number, ms: number): Promise<void> {
    const end = new AbortController();
    pausing.set(rule, { filePath, end });
    if (!(await pause(ms, end.signal))) return;
    let vouched = await vouch(filePath);
    for (let hold = held.get(rule); hold !== undefined; hold = held.get(rule)) {
      await hold.promise;
      vouched = await vouch(filePath);
    }
    if (end.signal.aborted) return;
    pausing.delete(rule);
    if ("refusal" in vouched) return refuse(filePath, vouched.refusal);
    news.restarting(filePath, commandFor(rule, path.join(root, filePath)));
    startUnwatched(rule, filePath, filePath, vouched.sha256, failures);
  }

  function refuse(filePath: string, detail: string): void {
    news.stopped(filePath, { ok: false, reason: "start", detail }, undefined);
  }

  function startUnwatched(
    rule: RunRule,
    filePath: string,
    former: string | undefined,
    sha256: string,
    failures = 0,
  ): void {
    const program = begin(rule, filePath, false, failures);
    const lasted = () => {
      if (running.get(rule) === program) void keep(filePath, former, sha256);
    };
    const timer = setTimeout(lasted, rule.seconds * 1000);
    timer.unref();
    void program.ended.then(() => clearTimeout(timer));
  }

  return {
    async run(rule, filePath, signal, starting, sha256) {
      const former = await stop(rule);
      signal.throwIfAborted(); // nobody would stop what is started now
      starting();
      const program = begin(rule, filePath, true);
      const watched = new AbortController();
      const enough = sleep(rule.seconds * 1000, undefined, {
        signal: AbortSignal.any([signal, watched.signal]),
      });
      enough.catch(() => undefined);
      const ended = await Promise.race([program.ended, enough]).finally(() => watched.abort());
      program.onTrial = false;
      if (ended?.ok === false) {
        await sleep(SAME_STOP_MS, undefined, { signal });
        return { ...ended, ok: false };
      }
      if (running.get(rule) === program) await keep(filePath, former, sha256);
      else news.well(filePath);
      return { ok: true };
    },
    async start(rule, filePath, starting, known) {
      const former = await stop(rule);
      const vouched = await vouch(filePath, known);
      if ("refusal" in vouched) return refuse(filePath, vouched.refusal);
      starting();
      startUnwatched(rule, filePath, former, vouched.sha256);
    },
    hold(rule) {
      if (!held.has(rule)) held.set(rule, Promise.withResolvers());
    },
    release,
    async end(rule, filePath) {
      if ((running.get(rule) ?? pausing.get(rule))?.filePath === filePath) await stop(rule);
      news.well(filePath);
      await forget(filePath);
    },
    missing(rule, rules) {
      if (running.has(rule)) return undefined;
      return kept.all().findLast((filePath) => ruleFor(rules, filePath) === rule);
    },
    async stop() {
      await Promise.all([...running.keys(), ...pausing.keys()].map(stop));
      while (writing.size > 0) await Promise.all(writing);
    },
  };
}
