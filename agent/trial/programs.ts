import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { signalGroup } from "../system/signals.ts";
import type { KeptPrograms } from "./kept-programs.ts";
import type { ProcessNotes } from "./process-notes.ts";
import { commandFor, type RunRule, ruleFor } from "./run-rule.ts";

/** How a program did. One that still runs is as good as one that ended well. */
export type RunResult = { ok: true } | { ok: false; detail: string };

/** Programs that were started for installed files, at most one per rule. */
export type Programs = {
  /**
   * Stops the rule's program that runs, starts the new one and watches it for as long as the rule says. If it still runs then,
   * it is kept: the agent starts it again whenever it starts itself, until the program ends well or another one lasts in its place.
   *
   * @param starting called just before the program is started, unless the signal has aborted
   * @throws the signal's reason if it aborts; the program keeps running.
   */
  run(rule: RunRule, filePath: string, signal: AbortSignal, starting: () => void): Promise<RunResult>;
  /** The same for a file that is known to be good, without waiting. */
  start(rule: RunRule, filePath: string): Promise<void>;
  /** The file whose program is kept for a rule and does not run. */
  missing(rule: RunRule, rules: readonly RunRule[]): string | undefined;
  /** Stops every program that still runs. */
  stop(): Promise<void>;
};

/** Milliseconds from SIGTERM to SIGKILL. */
const STOP_GRACE_MS = 5_000;

/**
 * Milliseconds to wait for the agent's own stop after a program ended badly: whoever ends the whole service ends its programs
 * too, and that says nothing about them.
 */
const SAME_STOP_MS = 500;

/** @param root real path below which the files are; programs start there */
export function createPrograms(root: string, kept: KeptPrograms, notes: ProcessNotes): Programs {
  const running = new Map<RunRule, { child: ChildProcess; filePath: string }>();

  /** @returns the file whose program it was. */
  async function stop(rule: RunRule): Promise<string | undefined> {
    const { child, filePath } = running.get(rule) ?? {};
    running.delete(rule);
    if (child?.pid === undefined || hasEnded(child)) return filePath;
    const { pid } = child;
    const ended = new Promise((resolve) => child.once("close", resolve));
    signalGroup(pid, "SIGTERM");
    const kill = setTimeout(() => signalGroup(pid, "SIGKILL"), STOP_GRACE_MS);
    await ended;
    clearTimeout(kill);
    return filePath;
  }

  function launch(rule: RunRule, filePath: string): { child?: ChildProcess; result: Promise<RunResult> } {
    const [program, ...args] = commandFor(rule, path.join(root, filePath));
    const child = spawned(program, args, root);
    if (child instanceof Error) return { result: Promise.resolve({ ok: false, detail: child.message }) };
    if (child.pid !== undefined) notes.note(child.pid);
    running.set(rule, { child, filePath });
    const result = endOf(child);
    void result.then(({ ok }) => {
      if (running.get(rule)?.child !== child) return; // stopped by us, which says nothing about it
      running.delete(rule);
      if (ok) void forget(filePath);
    });
    return { child, result };
  }

  /** If the disk does not take it, only the next run of the agent does not know. */
  const forget = (filePath: string) => kept.delete(filePath).catch(() => undefined);

  /** Keeps a program that has lasted in place of the one before it. */
  async function keep(filePath: string, former: string | undefined): Promise<void> {
    if (former !== undefined && former !== filePath) await forget(former);
    await kept.add(filePath).catch(() => undefined);
  }

  return {
    async run(rule, filePath, signal, starting) {
      const former = await stop(rule);
      signal.throwIfAborted(); // nobody would stop what is started now
      starting();
      const { child, result } = launch(rule, filePath);
      const watched = new AbortController();
      const enough = sleep(rule.seconds * 1000, undefined, {
        signal: AbortSignal.any([signal, watched.signal]),
      });
      enough.catch(() => undefined);
      const ended = await Promise.race([result, enough]).finally(() => watched.abort());
      if (ended?.ok === false) await sleep(SAME_STOP_MS, undefined, { signal });
      else if (child !== undefined && running.get(rule)?.child === child) await keep(filePath, former);
      return ended ?? { ok: true };
    },
    async start(rule, filePath) {
      const former = await stop(rule);
      const { child, result } = launch(rule, filePath);
      const lasted = () => {
        if (child !== undefined && running.get(rule)?.child === child) void keep(filePath, former);
      };
      const timer = setTimeout(lasted, rule.seconds * 1000);
      timer.unref();
      void result.then(() => clearTimeout(timer));
    },
    missing(rule, rules) {
      if (running.has(rule)) return undefined;
      return kept.all().findLast((filePath) => ruleFor(rules, filePath) === rule);
    },
    async stop() {
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

/** Node tells most failures to start by an event, but throws some, such as ENOTDIR and ENOMEM. */
function spawned(program: string, args: readonly string[], cwd: string): ChildProcess | Error {
  try {
    // Not our standard output: a program may read our events there.
    return spawn(program, args, { cwd, stdio: ["ignore", 2, 2], detached: true });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function endOf(child: ChildProcess): Promise<RunResult> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ ok: false, detail: error.message }));
    child.once("exit", (code, signal) => {
      if (code === 0) resolve({ ok: true });
      else
        resolve({ ok: false, detail: code === null ? `it was ended by ${signal}` : `it ended with ${code}` });
    });
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
