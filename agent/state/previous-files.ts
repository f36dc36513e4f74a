import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "./durable-file.ts";

/** The version that a path had before the present one. */
export type PreviousFile = { size: number; sha256: string; content(): AsyncIterable<Buffer> };

/** One earlier version of each path, to go back to. */
export type PreviousFiles = {
  /**
   * Keeps a file, in place of the one kept before for this path.
   *
   * @param source a path to it, as it still is in its place
   * @param sha256 its digest, unpadded base64url
   */
  keep(filePath: string, source: string, sha256: string): Promise<void>;
  find(filePath: string): Promise<PreviousFile | undefined>;
  remove(filePath: string): Promise<void>;
};

export async function openPreviousFiles(folder: string): Promise<PreviousFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (name.endsWith(".new")) await rm(path.join(folder, name), { force: true }); // left by a run that was killed
  }

  /** The name says all there is to know, so that one rename keeps a file. */
  async function namesOf(filePath: string): Promise<string[]> {
    const prefix = prefixOf(filePath);
    return (await readdir(folder)).filter((name) => name.startsWith(prefix) && !name.endsWith(".new"));
  }

  return {
    async keep(filePath, source, sha256) {
      const earlier = await namesOf(filePath);
      const name = `${prefixOf(filePath)}${sha256}`;
      const temporary = path.join(folder, `${prefixOf(filePath)}${randomUUID()}.new`);
      await linkOrCopy(source, temporary);
      await rename(temporary, path.join(folder, name));
      await syncFolder(folder);
      for (const each of earlier) if (each !== name) await rm(path.join(folder, each), { force: true });
    },
    async find(filePath) {
      const [name] = await namesOf(filePath);
      if (name === undefined) return undefined;
      const place = path.join(folder, name);
      const { size } = await stat(place);
      return { size, sha256: name.slice(prefixOf(filePath).length), content: () => createReadStream(place) };
    },
    async remove(filePath) {
      for (const name of await namesOf(filePath)) await rm(path.join(folder, name), { force: true });
    },
  };
}

function prefixOf(filePath: string): string {
  return `${createHash("sha256").update(filePath).digest("hex").slice(0, 32)}.`;
}

/** A second name costs nothing, but only the same file system gives one, and not of everybody's file. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    return await link(source, target);
  } catch {
    await copyFile(source, target);
  }
  const copy = await open(target, "r+");
  try {
    await copy.sync();
  } finally {
    await copy.close();
  }
}
