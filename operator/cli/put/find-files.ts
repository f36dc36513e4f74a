import { lstat, open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { isIgnored } from "../../cloud/files/is-ignored.ts";
import { OperatorError } from "../../cloud/operator-error.ts";

/** A file of the disk; `relative` is its path below the folder that was named, with slashes, or "" for a file that was. */
export type FoundFile = { file: string; relative: string; bytes: number };

export type Found = {
  folder: boolean;
  /** In the order of their paths. */
  files: FoundFile[];
  /** What was left out though nobody would expect it. */
  left: { path: string; why: string }[];
};

/**
 * The files that a person means by a path. What is named itself may be a link; a link inside a folder is not followed, since it may
 * lead out of the folder, or in a circle.
 *
 * @throws {OperatorError} `usage` if there is nothing there, `fault` for a part of it that cannot be read: half a release is worse than none.
 */
export async function findFiles(source: string): Promise<Found> {
  const named = await stat(source).catch((cause: unknown) => {
    if (!["ENOENT", "ENOTDIR"].includes(codeOf(cause))) throw unreadable(source, cause);
    throw new OperatorError("usage", `${source} cannot be read: there is no such file or folder`, { cause });
  });
  if (named.isFile()) {
    await requireReadable(source);
    return { folder: false, files: [{ file: source, relative: "", bytes: named.size }], left: [] };
  }
  if (!named.isDirectory()) throw new OperatorError("usage", `${source} is neither a file nor a folder`);
  const found: Found = { folder: true, files: [], left: [] };
  await walk(source, "", found);
  return found;
}

async function walk(folder: string, below: string, found: Found): Promise<void> {
  const all = await readdir(folder).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const names = all.filter((name) => !isIgnored(name)).sort();
  for (const name of names) {
    const file = path.join(folder, name);
    const relative = `${below}${name}`;
    const entry = await lstat(file).catch(() => undefined);
    if (entry?.isDirectory()) await walk(file, `${relative}/`, found);
    else if (entry?.isFile()) {
      await requireReadable(file);
      found.files.push({ file, relative, bytes: entry.size });
    } else found.left.push({ path: relative, why: whyLeft(entry) });
  }
}

async function requireReadable(file: string): Promise<void> {
  try {
    await (await open(file)).close();
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(what: string, cause: unknown): OperatorError {
  return new OperatorError("fault", `${what} cannot be read (${codeOf(cause)}): nothing was uploaded`, {
    cause,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function whyLeft(entry: { isSymbolicLink(): boolean } | undefined): string {
  if (entry === undefined) return "it is gone, or its name is not UTF-8";
  return entry.isSymbolicLink() ? "it is a symbolic link" : "it is no regular file";
}
