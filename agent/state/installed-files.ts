import * as v from "valibot";
import { openJournaledRecord, readJournaledRecord } from "./journaled-record.ts";
import { mapOf } from "./json-record.ts";
import type { OwedWrite } from "./owed-write.ts";

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
 * brought, and it is not its to remove. What Notes of the same key brought, it has, and what another manifest did. [NF-11.11]
 */
export function fleetThatBrought(
  { name, fleet }: { name: string; fleet?: string | undefined },
  recorded: InstalledFile | undefined,
): string | undefined {
  if (recorded?.fleet !== undefined) return fleet;
  return recorded?.name === name && recorded.version === undefined ? fleet : undefined;
}

const FORM = {
  record: v.pipe(
    v.object({ version: v.literal(1), files: mapOf(InstalledFile) }),
    v.transform(({ files }) => files),
  ),
  value: InstalledFile,
  format: (files: object) => ({ version: 1, files }),
};

/**
 * What the agent remembers of its installations, for people. The files themselves decide what has to be fetched.
 */
export type InstalledFiles = Pick<OwedWrite, "catchUp"> & {
  all(): ReadonlyMap<string, InstalledFile>;
  set(filePath: string, file: InstalledFile): Promise<void>;
  /** Several at once; undefined for what is there no more. */
  setAll(changes: ReadonlyMap<string, InstalledFile | undefined>): Promise<void>;
  /** Has all of it in the one file that the version before of the agent reads. */
  fold(): Promise<void>;
};

/** @param mountOf where the file system of a path is mounted */
export async function openInstalledFiles(
  file: string,
  mountOf: (filePath: string) => Promise<string | undefined> = async () => undefined,
): Promise<InstalledFiles> {
  const record = await openJournaledRecord(file, FORM);
  const files = record.values;
  async function setAll(changes: ReadonlyMap<string, InstalledFile | undefined>): Promise<void> {
    const changed = new Map<string, InstalledFile | undefined>();
    for (const [filePath, installed] of changes) {
      if (installed === undefined) {
        if (files.delete(filePath)) changed.set(filePath, undefined);
        continue;
      }
      const mounted = { ...installed, mount: await mountOf(filePath) };
      files.set(filePath, mounted);
      changed.set(filePath, mounted);
    }
    if (changed.size > 0) await record.write(files, changed);
  }
  return {
    all: () => files,
    set: (filePath, installed) => setAll(new Map([[filePath, installed]])),
    setAll,
    catchUp: () => record.catchUp(files),
    fold: () => record.fold(files),
  };
}

/** The same, for a reader that changes nothing. */
export async function readInstalledFiles(file: string): Promise<ReadonlyMap<string, InstalledFile>> {
  const found = await readJournaledRecord(file, FORM);
  return typeof found === "string" ? new Map() : found.values;
}
