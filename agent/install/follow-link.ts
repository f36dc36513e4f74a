import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { errnoOf } from "../system/errno.ts";
import { LinkRefused, readTrustedLink, resolveTrusted } from "../system/trusted-path.ts";
import { InstallFailed } from "./install-failed.ts";
import type { OpenFolder } from "./open-folder.ts";

/** A symbolic link that was met on the way down from the root. */
export type MetLink = {
  root: string;
  /** The segments that were walked before it; none of them is a link. */
  walked: readonly string[];
  /** The open folder that it is in. */
  folder: OpenFolder;
  segment: string;
  /** The segments after it. */
  rest: readonly string[];
};

/**
 * The segments below the root to take instead of a link, which may have links and `..` in them. Only one that is root's or our own
 * is followed, and only below the root.
 *
 * @throws {InstallFailed} `symbolic-link` or `not-a-folder`
 */
export async function followLink({ root, walked, folder, segment, rest }: MetLink): Promise<string[]> {
  const sentence = `${segment} is a symbolic link out of the root, or to nowhere`;
  try {
    const target = await readTrustedLink(folder.at(segment), segment);
    if (target === undefined) return [...walked, segment, ...rest]; // it has gone in this moment
    const there = await stat(folder.at(segment)).catch(() => undefined);
    if (there === undefined) throw new InstallFailed("symbolic-link", sentence);
    if (rest.length > 0 && !there.isDirectory()) throw inTheWay(segment);
    const below = from(walked, target) ?? (await fromOutside(root, walked, target));
    if (below === undefined || (below.length === 0 && rest.length === 0)) {
      throw new InstallFailed("symbolic-link", sentence);
    }
    return [...below, ...rest];
  } catch (cause) {
    if (cause instanceof LinkRefused) throw new InstallFailed("symbolic-link", cause.message, { cause });
    throw errnoOf(cause) === undefined ? cause : new InstallFailed("symbolic-link", sentence, { cause });
  }
}

export function inTheWay(segment: string, cause?: unknown): InstallFailed {
  return new InstallFailed("not-a-folder", `${segment} is a file where a folder has to be`, { cause });
}

/** Where a relative target leads from a folder; undefined if it leaves the root on the way. */
function from(walked: readonly string[], target: string): string[] | undefined {
  if (path.isAbsolute(target)) return undefined;
  const ahead = target.split("/").filter((each) => each !== "" && each !== ".");
  const up = ahead.findIndex((each) => each !== "..");
  const climbs = up < 0 ? ahead.length : up;
  if (climbs > walked.length) return undefined;
  return [...walked.slice(0, walked.length - climbs), ...ahead.slice(climbs)];
}

/** The same for a target that says its way from outside of the root. */
async function fromOutside(
  root: string,
  walked: readonly string[],
  target: string,
): Promise<string[] | undefined> {
  const start = path.isAbsolute(target) ? target : `${[root, ...walked].join("/")}/${target}`;
  const { real, missing } = await resolveTrusted(start);
  const below = path.relative(root, path.join(real, missing));
  if (below === "") return [];
  return below.split(path.sep)[0] === ".." || path.isAbsolute(below) ? undefined : below.split(path.sep);
}

/** @throws {InstallFailed} if another folder has come in the place of the root: a folder above it may be another user's. */
export async function checkIsRoot(root: string, folder: OpenFolder): Promise<void> {
  if ((await realpath(folder.at("."))) !== root)
    throw new InstallFailed("storage", `${root} is another folder now`);
}
