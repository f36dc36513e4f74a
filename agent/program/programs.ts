import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandFor, type RunRule } from "./run-rule.ts";

/** How a program did: `running` is as good as having ended well. */
export type RunResult = { ok: true } | { ok: false; detail: string };

/** Programs that were started for installed files, at most one per rule. */
export type Programs = {
  /**
   * Starts a rule's program, after the one it started before has been stopped, and watches it for as long as the rule says.
   *
   * @throws the signal's reason if that aborts; the program goes on.
   */
  run(rule: RunRule, filePath: string, signal: AbortSignal): Promise<RunResult>;
  /** Stops every program that still runs. */
  stop(): Promise<void>;
};

/** Milliseconds between asking a program to stop and making it. */
const STOP_GRACE_MS = 5_000;

/** @param root real path below which the files are; programs start there */
export function createPrograms(root: string): Programs {
  const running = new Map<RunRule, ChildProcess>();

  async function stop(rule: RunRule): Promise<void> {
    const child = running.get(rule);
    running.delete(rule);
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    if (hasEnded(child)) return;
    killGroup(child, "SIGTERM");
    const kill = setTimeout(() => killGroup(child, "SIGKILL"), STOP_GRACE_MS);
    await ended;
    clearTimeout(kill);
  }

  return {
    async run(rule, filePath, signal) {
      await stop(rule);
      const [program, ...args] = commandFor(rule, path.join(root, filePath));
      // Standard output may be read by a program that expects our events and nothing else.
      const child = spawn(program, args, { cwd: root, stdio: ["ignore", 2, 2], detached: true });
      const watched = new AbortController();
      const result = endOf(child);
      const enough = sleep(rule.seconds * 1000, { ok: true } as const, {
        signal: AbortSignal.any([signal, watched.signal]),
      });
      enough.catch(() => undefined);
      running.set(rule, child);
      try {
        return await Promise.race([result, enough]);
      } finally {
        watched.abort();
        if (hasEnded(child)) running.delete(rule);
      }
    },
    async stop() {
      await Promise.all([...running.keys()].map(stop));
    },
  };
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

/** The program leads a group of its own, so that what it started ends with it. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it ended in this moment
  }
}
