import { spawn } from "node:child_process";
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { errnoOf } from "../system/errno.ts";
import type { Step } from "./plan-install.ts";
import type { Removal } from "./plan-uninstall.ts";

/** A step that could not be done; the message says which, and why. */
export class StepFailed extends Error {
  override name = "StepFailed" as const;
}

/** In every state folder that an agent has locked. */
const STATE_MARK = "agent.lock";

/**
 * Does one step.
 *
 * @returns a sentence about what was done, or left as it was
 * @throws {StepFailed}
 */
export async function carryOut(step: Step, signal: AbortSignal): Promise<string> {
  switch (step.do) {
    case "folder":
      return await makeFolder(step);
    case "file":
      return await writeText(step);
    case "copy": {
      const next = `${step.path}.new`;
      await copyFile(step.from, next);
      await chmod(next, step.mode);
      await rename(next, step.path); // a running agent keeps the program that it was started from
      return `copied ${step.path}`;
    }
    case "link":
      return await makeLink(step);
    case "run":
      await run(step.command, signal);
      return `ran ${step.command.join(" ")}: ${step.why}`;
  }
}

/**
 * Undoes one thing.
 *
 * @returns a sentence about what was done, or was not there
 * @throws {StepFailed}
 */
export async function undo(removal: Removal, signal: AbortSignal): Promise<string> {
  switch (removal.do) {
    case "run":
      // A service that is not there cannot be stopped, and need not be.
      return await run(removal.command, signal).then(
        () => `ran ${removal.command.join(" ")}: ${removal.why}`,
        (error: unknown) => {
          if (signal.aborted) throw error;
          return `${error instanceof Error ? error.message : String(error)}; going on`;
        },
      );
    case "remove": {
      if ((await lstat(removal.path).catch(absent)) === undefined) return `${removal.path} is not there`;
      await rm(removal.path, { recursive: true, force: true });
      return `removed ${removal.path}`;
    }
    case "remove-state": {
      if ((await lstat(path.join(removal.path, STATE_MARK)).catch(() => undefined)) === undefined)
        return `left ${removal.path} alone, which is no state of an agent`;
      await rm(removal.path, { recursive: true, force: true });
      return `removed ${removal.path}`;
    }
    case "unlink": {
      const to = await readlink(removal.path).catch(() => undefined);
      if (to === undefined || !to.startsWith(`${removal.below}/`))
        return `left ${removal.path} alone, which is no link of ours`;
      await rm(removal.path, { force: true });
      return `removed ${removal.path}`;
    }
  }
}

/** What would be undone, for who asks first. */
export function describeRemoval(removal: Removal): string {
  return removal.do === "run" ? `run ${removal.command.join(" ")}: ${removal.why}` : `remove ${removal.path}`;
}

/** What a step would do, for who asks first. */
export function describeStep(step: Step): string {
  switch (step.do) {
    case "folder":
      return `make the folder ${step.path}`;
    case "file":
      return `write ${step.path}${step.keep ? ", unless it is there" : ""}`;
    case "copy":
      return `copy ${step.from} to ${step.path}`;
    case "link":
      return `link ${step.path} to ${step.to}`;
    case "run":
      return `run ${step.command.join(" ")}: ${step.why}`;
  }
}

async function makeFolder({ path: folder, mode }: Extract<Step, { do: "folder" }>): Promise<string> {
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory()) return `found ${folder}`;
  await mkdir(folder, { recursive: true, mode });
  return `made ${folder}`;
}

async function writeText({
  path: file,
  content,
  mode,
  keep,
}: Extract<Step, { do: "file" }>): Promise<string> {
  const before = await readFile(file, "utf8").catch(absent);
  if (before === content) return `found ${file} as it has to be`;
  if (before !== undefined && keep)
    return `kept ${file} as it is: what is told here and is not in it has no effect`;
  const next = `${file}.new`;
  await writeFile(next, content, { mode });
  await chmod(next, mode); // whatever the umask
  await rename(next, file);
  return `${before === undefined ? "wrote" : "changed"} ${file}`;
}

async function makeLink({ path: place, to }: Extract<Step, { do: "link" }>): Promise<string> {
  const there = await lstat(place).catch(absent);
  if (there !== undefined && !there.isSymbolicLink()) return `left ${place} alone, which is no link of ours`;
  if (there !== undefined && (await readlink(place)) === to) return `found ${place}`;
  await mkdir(path.dirname(place), { recursive: true });
  await rm(place, { force: true });
  await symlink(to, place);
  return `linked ${place}`;
}

/** Runs a command with this terminal; it ends with the signal. */
async function run([program = "", ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(program, args, { stdio: "inherit", signal });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once("error", (cause) =>
    reject(new StepFailed(`${program} cannot be run: ${cause.message}`, { cause })),
  );
  child.once("close", (code, killedBy) =>
    code === 0
      ? resolve()
      : reject(new StepFailed(`${[program, ...args].join(" ")} ended with ${code ?? killedBy}`)),
  );
  await promise;
}

function absent(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error;
  return undefined;
}
