import { spawn } from "node:child_process";
import { constants } from "node:fs";
import path from "node:path";
import { errnoOf, sentenceOf } from "../system/errno.ts";
import { openRegularFile } from "../system/regular-file.ts";
import { type StateFolder, StateFolderUnusable } from "./state-folder.ts";

/** Somebody else has the lock. */
export class StateFolderTaken extends StateFolderUnusable {}

/** What flock(1) ends with where somebody else has the lock. */
const TAKEN = 1;

/**
 * Keeps a second agent from working on the same state.
 *
 * The lock is flock(2)'s, on a file that nobody else may open. The kernel frees it when its holder dies, however that happens, and
 * a number that another process has by now says nothing. Node has no call for it: the program `flock` locks what it is handed,
 * and the lock lasts as long as we have that open. Only Linux has it.
 *
 * @throws {StateFolderUnusable} or an error of the file system
 */
export async function lockStateFolder(
  { path: own, real }: Pick<StateFolder, "path" | "real">,
  program = "flock",
): Promise<{ release(): Promise<void> }> {
  if (process.platform !== "linux") return { release: async () => undefined };
  const file = await openLock(path.join(own, "agent.lock"));
  try {
    const refusal = await refusalOf(program, file.fd);
    if (refusal === undefined) return { release: () => file.close() };
    if (refusal === TAKEN) throw new StateFolderTaken(`another agent works with the state folder ${real}`);
    throw new StateFolderUnusable(`the state folder ${real} cannot be locked: ${refusal}`);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** It stays: an agent that removed it could remove the one that its successor has locked. */
async function openLock(place: string) {
  try {
    return await openRegularFile(place, constants.O_RDWR | constants.O_CREAT);
  } catch (error) {
    if (errnoOf(error) !== "EROFS") throw error;
    return openRegularFile(place); // a disk with faults is mounted read-only, and the agent works on
  }
}

/** Undefined once the open file is locked. */
function refusalOf(program: string, fd: number): Promise<undefined | typeof TAKEN | string> {
  return new Promise((resolve) => {
    const child = spawn(program, ["-n", "3"], { stdio: ["ignore", "ignore", "pipe", fd] });
    let complaint = "";
    child.stderr?.on("data", (text) => {
      complaint += text;
    });
    child.once("error", (error) => {
      const missing = errnoOf(error) === "ENOENT";
      resolve(missing ? `the program ${program} is not there: install util-linux` : sentenceOf(error));
    });
    child.once("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (code === TAKEN && complaint === "") resolve(TAKEN);
      else resolve(complaint.trim().slice(0, 200) || `${program} ended with ${code ?? signal}`);
    });
  });
}
