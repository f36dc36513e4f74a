import * as v from "valibot";
import { Announcement } from "../../protocol/announcement.ts";
import { jsonRecord, mapOf, readJsonFile } from "../state/json-record.ts";

/** In the place of a digest, of a file that was to be removed. */
export const REMOVED = "";

const FailedVersion = v.object({
  sha256: v.string(),
  /** It is the removal of this version that failed. */
  removed: v.fallback(v.optional(v.literal(true)), undefined),
  reason: v.string(),
  detail: v.string(),
  /** How its program ended, as its receipt tells it; absent where that is not known. [NF-9.9] */
  ended: v.fallback(v.optional(v.string()), undefined),
  /** As it was announced, to try it again: its Note is gone. Absent where version 0.1.0 of the agent wrote the record. */
  version: v.fallback(v.optional(v.pick(Announcement, ["name", "size", "etag", "seq"])), undefined),
  /** The other files of its unit, by path and digest: it failed together with them. Absent for a unit of one. */
  with: v.fallback(v.optional(v.array(v.tuple([v.string(), v.string()]))), undefined),
  /** Somebody asked for it to be tried again: until that has an end, it does not count. */
  forgiven: v.fallback(v.optional(v.literal(true)), undefined),
});

const FailedRecord = mapOf(FailedVersion);

/** A version that was installed, did not run, and was taken back. */
export type FailedVersion = v.InferOutput<typeof FailedVersion>;

/** The last version of each path that did not run: it is not tried again until another one was installed there. */
export type FailedVersions = {
  all(): ReadonlyMap<string, FailedVersion>;
  get(filePath: string): FailedVersion | undefined;
  /** A whole unit at once. */
  setAll(failed: ReadonlyMap<string, FailedVersion>): Promise<void>;
  delete(...filePaths: string[]): Promise<void>;
  /** Lets what failed at a path be tried again, with what failed together with it. On disk when it returns. */
  forgive(filePath: string): Promise<void>;
};

export async function openFailedVersions(file: string): Promise<FailedVersions> {
  const record = jsonRecord(file, FailedRecord);
  const failures = (await record.read()) ?? new Map<string, FailedVersion>();
  const write = () => record.write(Object.fromEntries(failures));
  return {
    all: () => failures,
    get: (filePath) => failures.get(filePath),
    async setAll(failed) {
      for (const [filePath, version] of failed) failures.set(filePath, version);
      await write();
    },
    async delete(...filePaths) {
      if (filePaths.filter((filePath) => failures.delete(filePath)).length > 0) await write();
    },
    async forgive(filePath) {
      const unit = unitOf(failures, filePath);
      if (unit.size === 1) failures.delete(filePath);
      else {
        for (const [each, digest] of unit) {
          const version = failures.get(each);
          if (version !== undefined && digestOf(version) === digest)
            failures.set(each, { ...version, forgiven: true });
        }
      }
      if (unit.size > 0) await write();
    },
  };
}

/** What failed together with the version at a path, itself included: digests by path. Empty if none failed there. */
export function unitOf(
  failures: ReadonlyMap<string, FailedVersion>,
  filePath: string,
): ReadonlyMap<string, string> {
  const failed = failures.get(filePath);
  return failed === undefined ? new Map() : new Map([[filePath, digestOf(failed)], ...(failed.with ?? [])]);
}

function digestOf({ sha256, removed }: FailedVersion): string {
  return removed ? REMOVED : sha256;
}

/**
 * Whether a unit is no other than one that failed, or a part of it: then the same would fail again. It is another as soon as one
 * of its files differs.
 *
 * @param unit digests by path
 */
export function isCondemned(
  failures: ReadonlyMap<string, FailedVersion>,
  unit: ReadonlyMap<string, string>,
): boolean {
  return [...unit.keys()].some((filePath) => {
    if (failures.get(filePath)?.forgiven) return false;
    const before = unitOf(failures, filePath);
    return before.size > 0 && [...unit].every(([each, sha256]) => before.get(each) === sha256);
  });
}

/** For whoever only looks. */
export async function readFailedVersions(file: string): Promise<ReadonlyMap<string, FailedVersion>> {
  const found = await readJsonFile(file, FailedRecord);
  return typeof found === "string" ? new Map() : found.value;
}
