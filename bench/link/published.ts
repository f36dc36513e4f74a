import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import type { PublishedCorpus } from "./corpora.ts";
import { lastReleases } from "./versions.ts";

const run = promisify(execFile);

/** So many are asked of npm at a time, which fetches them side by side. */
const BATCH = 15;

/** The name of a package that is itself the file. */
const TARBALL = "package.tgz";

/** Outside the tree; what is in it is never read by anything else. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  return path.join(base, "noteferry", "bench-link");
}

/** The files of a corpus by their paths, version by version: from the cache, or by npm from whichever registry it is set to. */
export async function* publishedVersions(
  corpus: PublishedCorpus,
  cache: string,
): AsyncGenerator<Map<string, Buffer>> {
  const pattern = createHash("sha256").update(String(corpus.files)).digest("hex").slice(0, 8);
  const folder = path.join(cache, `${corpus.package.replace("/", "+")}-${corpus.through}`, pattern);
  await mkdir(folder, { recursive: true });
  const versions = await selectVersions(corpus, path.dirname(folder));
  const there = new Set(await readdir(folder));
  const missing = versions.filter((version) => !there.has(version));
  for (let at = 0; at < missing.length; at += BATCH)
    await fetchVersions(corpus, missing.slice(at, at + BATCH), folder);
  for (const version of versions) yield await readFiles(path.join(folder, version));
}

/** Kept beside the files, so that a second run asks nobody. */
async function selectVersions(
  { package: name, through, versions }: PublishedCorpus,
  folder: string,
): Promise<string[]> {
  const list = path.join(folder, "versions.json");
  const known = await readFile(list, "utf8").catch(() => undefined);
  const text =
    known ?? (await run("npm", ["view", name, "versions", "--json"], { maxBuffer: 2 ** 24 })).stdout;
  const selected = lastReleases(v.parse(v.array(v.string()), JSON.parse(text)), through, versions);
  if (known === undefined) await putInPlace(list, (file) => writeFile(file, text));
  return selected;
}

async function fetchVersions(
  { package: name, files }: PublishedCorpus,
  versions: readonly string[],
  folder: string,
): Promise<void> {
  const download = await mkdtemp(path.join(os.tmpdir(), "noteferry-bench-link-"));
  try {
    const specs = versions.map((version) => `${name}@${version}`);
    await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", download, ...specs]);
    const names = await readdir(download);
    for (const version of versions) {
      const tarball = names.find((each) => each.endsWith(`-${version}.tgz`));
      if (tarball === undefined) throw new Error(`npm gave no ${name}@${version}`);
      await putInPlace(path.join(folder, version), (at) =>
        keepFiles(path.join(download, tarball), files, at),
      );
    }
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

async function keepFiles(tarball: string, files: RegExp | "tarball", to: string): Promise<void> {
  await mkdir(to);
  if (files === "tarball") return cp(tarball, path.join(to, TARBALL));
  const whole = `${tarball}.d`;
  await mkdir(whole);
  await run("tar", ["-xzf", tarball, "-C", whole, "--strip-components", "1", "--no-same-owner"]);
  for (const file of await filesIn(whole)) {
    if (files.test(file)) await cp(path.join(whole, file), path.join(to, file), { recursive: true });
  }
}

/** A run that is ended in the middle leaves nothing in the cache that looks whole. */
async function putInPlace(at: string, make: (beside: string) => Promise<void>): Promise<void> {
  const beside = `${at}.${process.pid}.part`;
  await rm(beside, { recursive: true, force: true });
  await make(beside);
  await rename(beside, at);
}

async function readFiles(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const file of await filesIn(folder)) files.set(file, await readFile(path.join(folder, file)));
  return files;
}

/** Regular files, by paths with `/`. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .toSorted();
}
