import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KeptPrograms } from "./kept-programs.ts";
import { type ProcessNotes, signalGroup } from "./process-notes.ts";
import { commandFor, type RunRule, ruleFor } from "./run-rule.ts";

/** How a program did: `running` is as good as having ended well. */
export type RunResult = { ok: true } | { ok: false; detail: string };

/** Programs that were started for installed files, at most one per rule. */
export type Programs = {
  /**
   * Starts a rule's program, after the one it started before has been stopped, and watches it for as long as the rule says. One that then
   * still runs is kept: it is started again whenever the agent is, until it ends well or another one lasts in its place.
   *
   * @param starting called just before the program is started; not, if the signal aborted before that
   * @throws the signal's reason if that aborts; the program goes on.
   */
  run(rule: RunRule, filePath: string, signal: AbortSignal, starting: () => void): Promise<RunResult>;
  /** The same for a file that is known to be good, without waiting. */
  start(rule: RunRule, filePath: string): Promise<void>;
  /** The file whose program is kept for a rule and does not run. */
  missing(rule: RunRule, rules: readonly RunRule[]): string | undefined;
  /** Stops every program that still runs. */
  stop(): Promise<void>;
};

/** Milliseconds between asking a program to stop and making it. */
const STOP_GRACE_MS = 5_000;

/** Milliseconds in which the agent may be told to stop as well: what ends a program may end the whole service, and then says nothing about it. */
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
      if (running.get(rule)?.child !== child) return; // stopped by us: that says nothing about it
      running.delete(rule);
      if (ok) void forget(filePath);
    });
    return { child, result };
  }

  /** What the disk does not take is not known to the next run of the agent, and costs no more. */
  const forget = (filePath: string) => kept.delete(filePath).catch(() => undefined);

  /** Keeps a program that has lasted in place of the one before it. */
  async function keep(filePath: string, former: string | undefined): Promise<void> {
    if (former !== undefined && former !== filePath) await forget(former);
    await kept.add(filePath).catch(() => undefined);
  }

  return {
    async run(rule, filePath, signal, starting) {
      const former = await stop(rule);
      signal.throwIfAborted(); // what is started now, nobody would stop
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

/** Most of what keeps a program from being started Node tells by an event, some, as ENOTDIR and ENOMEM, it throws. */
function spawned(program: string, args: readonly string[], cwd: string): ChildProcess | Error {
  try {
    // Standard output may be read by a program that expects our events and nothing else.
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
