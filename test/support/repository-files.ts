import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** What .gitignore names, for a tree that did not come by git. */
const NOT_OURS = new Set([".git", "node_modules", "cdk.out", "dist", ".noteferry"]);

/** Every file that is tracked or would be, relative to the root, with forward slashes. */
export function repositoryFiles(): string[] {
  if (!existsSync(path.join(ROOT, ".git"))) return walk(ROOT);
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return [...new Set(listed.split("\0"))].filter((file) => file !== "" && existsSync(path.join(ROOT, file)));
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const place = path.join(folder, entry.name);
    return entry.isDirectory() ? walk(place) : [path.relative(ROOT, place).replaceAll(path.sep, "/")];
  });
}

/** The TypeScript files below these top-level folders. */
export function sourceFiles(...folders: string[]): string[] {
  return repositoryFiles().filter(
    (file) => /\.tsx?$/.test(file) && folders.some((folder) => file.startsWith(`${folder}/`)),
  );
}

export function readRepositoryFile(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

export function existsInRepository(file: string): boolean {
  return existsSync(path.join(ROOT, file));
}
