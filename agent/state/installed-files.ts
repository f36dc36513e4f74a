import * as v from "valibot";
import { jsonRecord, mapOf, readJsonFile } from "./json-record.ts";

export const InstalledFile = v.object({
  /** The announced key. */
  name: v.string(),
  size: v.number(),
  sha256: v.string(),
  /** Empty where the version was asked for by its VersionId. */
  etag: v.string(),
  /** S3's VersionId, of what a manifest asked for. */
  version: v.optional(v.string()),
  /** The fleet whose manifest brought it: it may be removed once that asks for it no more. [NF-11.11] */
  fleet: v.optional(v.string()),
  /** ISO 8601. */
  installedAt: v.string(),
  /** Where the file system was mounted that it was put on; absent where nobody told. */
  mount: v.optional(v.string()),
});

/** What the agent put at a path. */
export type InstalledFile = v.InferOutput<typeof InstalledFile>;

/**
 * The fleet whose manifest counts as the one that brought what is at a path already: what nobody knows the reason of, no manifest has
 * brought, and it is not its to remove. What Notes of the same key brought, it has. [NF-11.11]
 */
export function fleetThatBrought(
  { name, fleet }: { name: string; fleet?: string | undefined },
  recorded: InstalledFile | undefined,
): string | undefined {
  if (recorded?.name !== name) return undefined;
  return recorded.fleet === fleet || recorded.version === undefined ? fleet : undefined;
}

const InstalledRecord = v.object({ version: v.literal(1), files: mapOf(InstalledFile) });

/**
 * What the agent remembers of its installations, for people. The files themselves decide what has to be fetched.
 */
export type InstalledFiles = {
  all(): ReadonlyMap<string, InstalledFile>;
  set(filePath: string, file: InstalledFile): Promise<void>;
  /** Several at once; undefined for what is there no more. */
  setAll(changes: ReadonlyMap<string, InstalledFile | undefined>): Promise<void>;
};

/** @param mountOf where the file system of a path is mounted */
export async function openInstalledFiles(
  file: string,
  mountOf: (filePath: string) => Promise<string | undefined> = async () => undefined,
): Promise<InstalledFiles> {
  const record = jsonRecord(file, InstalledRecord);
  const files = (await record.read())?.files ?? new Map<string, InstalledFile>();
  async function setAll(changes: ReadonlyMap<string, InstalledFile | undefined>): Promise<void> {
    let changed = false;
    for (const [filePath, installed] of changes) {
      if (installed !== undefined) files.set(filePath, { ...installed, mount: await mountOf(filePath) });
      changed = installed === undefined ? files.delete(filePath) || changed : true;
    }
    if (changed) await record.write({ version: 1, files: Object.fromEntries(files) });
  }
  return {
    all: () => files,
    set: (filePath, installed) => setAll(new Map([[filePath, installed]])),
    setAll,
  };
}

/** The same, for a reader that changes nothing. */
export async function readInstalledFiles(file: string): Promise<ReadonlyMap<string, InstalledFile>> {
  const found = await readJsonFile(file, InstalledRecord);
  return typeof found === "string" ? new Map() : found.value.files;
}
