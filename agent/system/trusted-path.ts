import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import path from "node:path";
import { errnoOf } from "./errno.ts";

/** Linux follows as many links on the way to one file. */
const MAX_LINKS = 40;

/** A link on the way that another user could have put there; or there are too many. */
export class LinkRefused extends Error {
  override name = "LinkRefused" as const;
  readonly code = "link-refused";
}

/** True if what was looked at belongs to root or to this process's user: nobody else can have made it. */
export function isOurs({ uid }: Pick<Stats, "uid">): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

/** True if somebody may write who is neither its owner nor root. */
export function mayOthersWrite({ mode }: Pick<Stats, "mode">): boolean {
  return (mode & 0o022) !== 0;
}

/**
 * Where a link leads, if it is ours.
 *
 * @param name what to call it
 * @returns undefined if it is no link any more
 * @throws {LinkRefused} or an error of the file system
 */
export async function readTrustedLink(place: string, name: string): Promise<string | undefined> {
  const before = await lstat(place, { bigint: true });
  if (!before.isSymbolicLink()) return undefined;
  const uid = Number(before.uid);
  if (!isOurs({ uid })) {
    throw new LinkRefused(`${name} is a symbolic link of another user (uid ${uid}), and is not followed`);
  }
  const target = await readlink(place);
  // Another user's may have been read instead. A rename changes the time, so that it shows even if ours is back.
  const after = await lstat(place, { bigint: true });
  if (after.ino === before.ino && after.ctimeNs === before.ctimeNs) return target;
  throw new LinkRefused(`${name} is being replaced, and is not followed`);
}

/**
 * The real path of what is at a place, as realpath(3) gives it, but by way of links alone that are ours: one that another user
 * made, or may replace, leads wherever that user likes.
 *
 * @param place an absolute path
 * @returns the real path as far as it is there, and the rest
 * @throws {LinkRefused} or an error of the file system
 */
export async function resolveTrusted(place: string): Promise<{ real: string; missing: string }> {
  const ahead = segmentsOf(place);
  let real: string = path.parse(place).root;
  let links = 0;
  for (let segment = ahead.shift(); segment !== undefined; segment = ahead.shift()) {
    const next = path.join(real, segment);
    const found = await lookUp(next);
    if (found === undefined) return { real, missing: path.join(segment, ...ahead) };
    if (!found.isSymbolicLink()) {
      real = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new LinkRefused(`${place} leads through too many symbolic links`);
    const target = await readTrustedLink(next, next);
    if (target === undefined) throw new LinkRefused(`${next} is being replaced, and is not followed`);
    if (path.isAbsolute(target)) real = path.parse(target).root;
    ahead.unshift(...segmentsOf(target));
  }
  return { real, missing: "" };
}

/** `..` stays: above a link that is where the link leads to. */
function segmentsOf(place: string): string[] {
  return place.split(path.sep).filter((segment) => segment !== "" && segment !== ".");
}

async function lookUp(place: string): Promise<Stats | undefined> {
  try {
    return await lstat(place);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
