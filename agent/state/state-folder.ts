import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { descriptorPath } from "../system/descriptor-path.ts";
import { errnoOf } from "../system/errno.ts";
import { isOurs, LinkRefused, mayOthersWrite, resolveTrusted } from "../system/trusted-path.ts";

/** A folder that cannot be the agent's own; the message says why, and what to do. */
export class StateFolderUnusable extends Error {
  override name = "StateFolderUnusable" as const;
  readonly code = "state-folder";
}

/** The agent's own folder, open. */
export type StateFolder = {
  /** Its real path, for people. */
  readonly real: string;
  /**
   * The path to work with. On Linux it names the folder by its descriptor: whoever may write to a folder above it cannot have the
   * agent work in another one, and a socket's or a file's name is never too long.
   */
  readonly path: string;
  close(): Promise<void>;
};

/**
 * Opens the agent's own folder and makes it if it is not there. Announced files must not reach it [NF-9.4], and nobody else may
 * write to it: the agent starts programs and replaces files by what is recorded there.
 *
 * @param root the real path below which files are installed
 * @throws {StateFolderUnusable} or an error of the file system
 */
export async function openStateFolder(folder: string, root: string): Promise<StateFolder> {
  const place = path.resolve(folder);
  checkOutside(place, folder, root);
  const { real, missing } = await resolveTrusted(place).catch(refuseLink);
  const whole = path.join(real, missing);
  checkOutside(whole, folder, root); // before it is made
  await mkdir(whole, { recursive: true, mode: 0o700 });
  const handle = await open(whole, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const own = descriptorPath(handle.fd, whole);
    await checkOpened(handle, own, whole);
    return { real: whole, path: own, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function checkOpened(handle: FileHandle, own: string, real: string): Promise<void> {
  if ((await realpath(own)) !== real)
    throw new StateFolderUnusable(`${real} is being replaced: look at who does that`);
  const fault = faultOf(`the state folder ${real}`, await handle.stat()) ?? (await faultInside(own, real));
  if (fault !== undefined) throw new StateFolderUnusable(fault);
}

/**
 * What keeps an existing folder from being the agent's own, in a sentence.
 *
 * @param own a path to it
 * @param real its real path, for the sentence
 */
export async function faultOfStateFolder(own: string, real: string): Promise<string | undefined> {
  return faultOf(`the state folder ${real}`, await lstat(own)) ?? (await faultInside(own, real));
}

/** What an earlier agent was given there by somebody else, while that was possible, would count from now on as well. */
async function faultInside(own: string, real: string): Promise<string | undefined> {
  for (const name of await readdir(own)) {
    const what = `${path.join(real, name)}, in the state folder,`;
    const found = await lstat(path.join(own, name)).catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return undefined; // of an agent that is at work here, which the lock finds out
      throw error;
    });
    if (found === undefined) continue;
    if (found.isSymbolicLink()) return `${what} is a symbolic link: look where it leads, and remove it`;
    const fault = faultOf(what, found);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** @param what the beginning of the sentence */
function faultOf(what: string, stats: Pick<Stats, "uid" | "mode">): string | undefined {
  const danger = "and could have the agent start programs and replace files";
  if (!isOurs(stats)) {
    return `${what} belongs to another user (uid ${stats.uid}), ${danger}: look at what is there and chown it to the agent's user, or choose another folder`;
  }
  if (!mayOthersWrite(stats)) return undefined;
  return `${what} may be written by other users, ${danger}: look at what is there and chmod it go-w, or choose another folder`;
}

function checkOutside(place: string, folder: string, root: string): void {
  if (!isInside(place, root)) return;
  throw new StateFolderUnusable(`the state folder ${folder} is inside the root ${root}: choose another`);
}

function refuseLink(error: unknown): never {
  if (!(error instanceof LinkRefused)) throw error;
  throw new StateFolderUnusable(`the state folder cannot be reached: ${error.message}; choose another`, {
    cause: error,
  });
}

/** True if a folder is the root or below it. Both paths are absolute. */
export function isInside(folder: string, root: string): boolean {
  const below = path.relative(root, folder);
  return below === "" || (below !== ".." && !below.startsWith(`..${path.sep}`) && !path.isAbsolute(below));
}
