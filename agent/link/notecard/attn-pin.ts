import { type ChildProcess, spawn } from "node:child_process";
import type { AttnEnded } from "../../events/agent-event.ts";
import { sentenceOf } from "../../system/errno.ts";
import { signalGroup } from "../../system/signals.ts";

/** A program with its arguments, which writes a line each time the ATTN pin rises, such as libgpiod's `gpiomon`. */
export type AttnCommand = readonly [string, ...string[]];

/** The Notecard's ATTN pin, which goes HIGH when something has happened, as far as this host is wired to it. */
export type AttnPin = {
  /** False where nothing tells of the pin: the Notecard has to be asked. */
  watched(): boolean;
  /** Forgets what the pin did so far; to be called before the pin is armed. */
  clear(): void;
  /** True once it has risen since `clear`, or may have while nothing watched; false after `ms`, or once nothing watches it. */
  rise(ms: number, signal: AbortSignal): Promise<boolean>;
};

/** A host without a wire to the pin. */
export const NO_PIN: AttnPin = {
  watched: () => false,
  clear: () => undefined,
  rise: async () => false,
};

/** How the program is kept running. Times are milliseconds. */
export type AttnWatchOptions = {
  /** Before it is started again: doubled each time, up to the longest. */
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** A run that lasted so long was a good one. */
  lastingMs?: number;
};

/** Milliseconds between asking the program to end and killing it. */
const STOP_GRACE_MS = 2_000;

/** Characters kept from the end of standard error. */
const REASON_CHARS = 200;

/** Keeps the program running until `stop`. It also ends with this process, unless that is killed. */
export function watchAttnPin(
  command: AttnCommand,
  tell: (event: AttnEnded) => void,
  { firstPauseMs = 1_000, longestPauseMs = 60_000, lastingMs = 10_000 }: AttnWatchOptions = {},
): AttnPin & { stop(): Promise<void> } {
  let child: ChildProcess | undefined;
  let again: NodeJS.Timeout | undefined;
  let stopped = false;
  let told = false;
  let pauseMs = firstPauseMs;
  let risen = false;
  let wake = () => {};

  function rises(): void {
    risen = true;
    child?.stdout?.pause(); // a program that writes without end is held up by its pipe
    wake();
  }

  function ends(reason: string): void {
    child = undefined;
    wake();
    if (stopped) return;
    if (!told) tell({ event: "attn-ended", reason });
    told = true;
    again = setTimeout(start, pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }

  function start(): void {
    const started = run(command);
    if ("reason" in started) {
      ends(started.reason);
      return;
    }
    child = started.child;
    const lasting = setTimeout(() => {
      pauseMs = firstPauseMs;
      told = false;
    }, lastingMs);
    child.stdout?.on("data", (bytes: Buffer) => bytes.includes(0x0a) && rises());
    void started.ended.then((reason) => {
      clearTimeout(lasting);
      ends(reason);
    });
    risen = true; // nobody has seen what the pin did before
    wake();
  }

  const killAtExit = () => kill(child, "SIGKILL");
  process.once("exit", killAtExit);
  start();
  return {
    watched: () => child !== undefined,
    clear() {
      risen = false;
      child?.stdout?.resume();
    },
    async rise(ms, signal) {
      if (risen || child === undefined || signal.aborted) return risen;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => wake(), ms);
        wake = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          wake = () => {};
          resolve();
        };
        signal.addEventListener("abort", wake, { once: true });
      });
      return risen;
    },
    async stop() {
      stopped = true;
      clearTimeout(again);
      process.off("exit", killAtExit);
      wake();
      if (child !== undefined) await end(child);
    },
  };
}

/** Starts it; `ended` says how it did. */
function run([program, ...args]: AttnCommand):
  | { child: ChildProcess; ended: Promise<string> }
  | { reason: string } {
  let complaint = "";
  try {
    // In a group of its own: what it starts ends with it, and a Ctrl-C is ours to pass on.
    const child: ChildProcess = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = `${complaint}${text}`.slice(-REASON_CHARS);
    });
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(sentenceOf(error)));
      child.once("exit", (code, signal) => {
        kill(child, "SIGKILL"); // what it has left behind would hold its pipes open
        const how = code === null ? `was ended by ${signal}` : `ended with ${code}`;
        const tellWhy = () => resolve(complaint.trim() || `${program} ${how}`);
        if (child.stderr === null || child.stderr.closed) tellWhy();
        else child.stderr.once("close", tellWhy);
      });
    });
    return { child, ended };
  } catch (error) {
    return { reason: sentenceOf(error) };
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  kill(child, "SIGTERM");
  const grace = setTimeout(() => kill(child, "SIGKILL"), STOP_GRACE_MS);
  await ended;
  clearTimeout(grace);
}

function kill(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid !== undefined) signalGroup(child.pid, signal);
}
