import { type ChildProcess, spawn } from "node:child_process";
import { errnoOf, sentenceOf } from "../system/errno.ts";
import { asUser, type ProgramUser } from "../system/program-user.ts";
import { faultOfFirstLine } from "./first-line.ts";

/** How a program ended. `reason` is `exit 3`, a signal's name, or `start` if it could not be started. */
export type ProgramEnd = { ok: boolean; reason: string; detail: string };

/** A program that was started; `child` is undefined if the system refused at once. */
export type Launched = { child: ChildProcess | undefined; ended: Promise<ProgramEnd> };

/** What shells and `env` end with where they cannot start what a first line or a command asks for. */
const CANNOT_START: ReadonlySet<number | null> = new Set([126, 127]);

/** @param file the installed file for which it is started, whose first line may be to blame if it cannot be */
export function launch(
  command: readonly [string, ...string[]],
  cwd: string,
  file: string,
  user?: ProgramUser,
): Launched {
  const [program] = command;
  const cannotStart = async (error: unknown): Promise<ProgramEnd> => {
    const code = program === file ? errnoOf(error) : undefined;
    const fault = program === file ? await faultOfFirstLine(file, code) : undefined;
    return { ok: false, reason: "start", detail: fault ?? sentenceOf(error) };
  };
  const child = spawned(asUser(command, user), cwd);
  if (child instanceof Error) return { child: undefined, ended: cannotStart(child) };
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once("error", (error) => resolve(cannotStart(error)));
    child.once("exit", (code, signal) => {
      const fault = CANNOT_START.has(code) ? faultOfFirstLine(file, undefined) : undefined;
      resolve(describe(code, signal, fault));
    });
  });
  return { child, ended };
}

async function describe(
  code: number | null,
  signal: NodeJS.Signals | null,
  fault: Promise<string | undefined> | undefined,
): Promise<ProgramEnd> {
  if (code === null) return { ok: false, reason: `${signal}`, detail: `it was ended by ${signal}` };
  const why = await fault;
  const detail = `it ended with ${code}${why === undefined ? "" : `: ${why}`}`;
  return { ok: code === 0, reason: `exit ${code}`, detail };
}

/** Node tells most failures to start by an event, but throws some, such as ENOTDIR and ENOMEM. */
function spawned([program, ...args]: readonly [string, ...string[]], cwd: string): ChildProcess | Error {
  try {
    // Not our standard output: a program may read our events there.
    return spawn(program, args, { cwd, stdio: ["ignore", 2, 2], detached: true });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
