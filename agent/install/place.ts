import type { Stats } from "node:fs";
import { lstat, mkdir } from "node:fs/promises";
import path from "node:path";
import { checkPath } from "../../protocol/path.ts";
import { errnoOf } from "../system/errno.ts";
import { resolveTrusted } from "../system/trusted-path.ts";
import { checkIsRoot, followLink, inTheWay } from "./follow-link.ts";
import { InstallFailed } from "./install-failed.ts";
import { type OpenFolder, openFolder } from "./open-folder.ts";

/** The names of our own files beside installed ones begin with it. */
export const TEMPORARY_PREFIX = ".noteferry-";

/** Where a file goes: a name in a folder below the root. Whoever opened the place closes the folder. */
export type Place = {
  folder: OpenFolder;
  name: string;
  /** Its path below the root, in which no segment is a link. */
  path: string;
  /** The file that is there now. */
  existing?: Stats;
};

/** The most symbolic links on the way to one file; Linux follows as many. */
const MAX_LINKS = 40;

/**
 * Opens the place of a path below the root. Symbolic links are followed as long as they stay below it and are root's or our own:
 * whoever may write to one folder could have any file below the root replaced. [NF-9.4]
 *
 * @param root an absolute path without symbolic links
 * @param create whether to make missing folders; otherwise the result is undefined if one is missing
 * @param check throws where what is at the place keeps it from being one
 * @throws {InstallFailed} or {KeyRefused} if there is no such place.
 */
export async function openPlace(
  root: string,
  filePath: string,
  create: boolean,
  check: (found: Stats | undefined, name: string) => void = checkReplaceable,
): Promise<Place | undefined> {
  checkPath(filePath); // [NF-1.4]
  let segments = filePath.split("/");
  if (segments.some((segment) => segment.startsWith(TEMPORARY_PREFIX))) {
    throw new InstallFailed("reserved", `names that begin with ${TEMPORARY_PREFIX} are the agent's own`);
  }
  for (let links = 0; links <= MAX_LINKS; links += 1) {
    const reached = await descend(root, segments, create, check);
    if (reached === undefined || "folder" in reached) return reached;
    segments = reached.segments;
  }
  throw new InstallFailed("symbolic-link", "too many symbolic links on the way");
}

/** Walks down, opening each folder from within the one before. At a link it returns the path to take instead. */
async function descend(
  root: string,
  segments: readonly string[],
  create: boolean,
  check: (found: Stats | undefined, name: string) => void,
): Promise<Place | { segments: string[] } | undefined> {
  let folder = await openFolder(root);
  let place: Place | undefined;
  try {
    await checkIsRoot(root, folder);
    for (const [depth, segment] of segments.entries()) {
      const rest = segments.slice(depth + 1);
      const walked = segments.slice(0, depth);
      // Only a link's target has it, and what was walked has no link that it would have to go back through.
      if (segment === "..") return { segments: [...parentOf(walked), ...rest] };
      const found = await lookUp(folder, segment);
      if (found?.isSymbolicLink())
        return { segments: await followLink({ root, walked, folder, segment, rest }) };
      if (rest.length === 0) {
        check(found, segment);
        place = { folder, name: segment, path: segments.join("/"), ...(found && { existing: found }) };
        return place;
      }
      if (found === undefined && !create) return undefined;
      if (found === undefined) await makeFolder(folder, segment);
      const next = await openChild(folder, segment);
      await folder.close();
      folder = next;
    }
    return undefined;
  } finally {
    if (place === undefined) await folder.close();
  }
}

function parentOf(walked: readonly string[]): readonly string[] {
  if (walked.length === 0) throw new InstallFailed("symbolic-link", "a symbolic link leads out of the root");
  return walked.slice(0, -1);
}

async function lookUp(folder: OpenFolder, segment: string): Promise<Stats | undefined> {
  try {
    return await lstat(folder.at(segment));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function checkReplaceable(found: Stats | undefined, segment: string): void {
  if (found?.isDirectory()) throw new InstallFailed("is-a-folder", `${segment} is a folder`);
  if (found !== undefined && !found.isFile())
    throw new InstallFailed("not-a-file", `${segment} is no regular file`);
}

/**
 * Where a path below the root really goes: the path below the root without symbolic links, as far as its folders are there. A path
 * that has no place stands for itself.
 */
export async function realPathOf(root: string, filePath: string): Promise<string> {
  try {
    if (!(await hasLink(root, filePath.split("/")))) return filePath;
    const { real, missing } = await resolveTrusted(path.join(root, filePath));
    const below = path.relative(root, path.join(real, missing));
    checkPath(below);
    return below;
  } catch {
    return filePath; // whoever opens its place is told why there is none
  }
}

/** Few paths have one: this costs a call for each segment. */
async function hasLink(root: string, segments: readonly string[]): Promise<boolean> {
  let place = root;
  for (const segment of segments) {
    place = path.join(place, segment);
    const found = await lstat(place).catch(() => undefined);
    if (found === undefined || found.isSymbolicLink()) return found !== undefined;
  }
  return false;
}

async function makeFolder(folder: OpenFolder, segment: string): Promise<void> {
  try {
    await mkdir(folder.at(segment), 0o755);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
  await folder.sync();
}

async function openChild(folder: OpenFolder, segment: string): Promise<OpenFolder> {
  try {
    return await openFolder(folder.at(segment));
  } catch (cause) {
    if (errnoOf(cause) === "ENOTDIR" || errnoOf(cause) === "ELOOP") throw inTheWay(segment, cause);
    throw cause;
  }
}
