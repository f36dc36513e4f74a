import { readFile, rename } from "node:fs/promises";
import * as v from "valibot";
import { writeDurably } from "./durable-file.ts";

const InstalledFile = v.object({
  /** The key it was announced by. */
  name: v.string(),
  size: v.number(),
  sha256: v.string(),
  etag: v.string(),
  /** ISO 8601. */
  installedAt: v.string(),
});

/** What the agent put at a path. */
export type InstalledFile = v.InferOutput<typeof InstalledFile>;

const Record = v.object({ version: v.literal(1), files: v.record(v.string(), InstalledFile) });

/**
 * The agent's memory of what it installed. The files themselves decide what has to be fetched; this is for people and for
 * whoever looks after the device.
 */
export type InstalledFiles = {
  all(): ReadonlyMap<string, InstalledFile>;
  record(filePath: string, file: InstalledFile): Promise<void>;
};

/** Reads the record; a damaged one is put aside, since nothing depends on it that a device could not find out again. */
export async function openInstalledFiles(file: string): Promise<InstalledFiles> {
  const files = new Map(Object.entries(await read(file)));
  return {
    all: () => files,
    async record(filePath, installed) {
      files.set(filePath, installed);
      await writeDurably(
        file,
        `${JSON.stringify({ version: 1, files: Object.fromEntries(files) }, undefined, 2)}\n`,
      );
    },
  };
}

async function read(file: string): Promise<{ [filePath: string]: InstalledFile }> {
  try {
    const parsed = v.safeParse(Record, JSON.parse(await readFile(file, "utf8")));
    if (parsed.success) return parsed.output.files;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    if (!(error instanceof SyntaxError)) throw error;
  }
  await rename(file, `${file}.damaged`);
  return {};
}
