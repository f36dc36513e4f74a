import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { Announcement } from "../../protocol/announcement.ts";
import { jsonRecord, mapOf, readJsonFile } from "../state/json-record.ts";
import { type OwedWrite, owedWrite } from "../state/owed-write.ts";

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
  version: v.fallback(
    v.optional(
      v.object({
        ...v.pick(Announcement, ["name", "size", "seq"]).entries,
        /** One of them. */
        etag: v.optional(Announcement.entries.etag),
        version: v.optional(v.string()),
        fleet: v.optional(v.string()),
      }),
    ),
    undefined,
  ),
  /** Names the unit that it failed in, where that had several files. */
  unit: v.fallback(v.optional(v.string()), undefined),
  /** Somebody asked for it to be tried again: until that has an end, it does not count. */
  forgiven: v.fallback(v.optional(v.literal(true)), undefined),
});

const FailedRecord = mapOf(FailedVersion);

/** A version that was installed, did not run, and was taken back. */
export type FailedVersion = v.InferOutput<typeof FailedVersion>;

/** The last version of each path that did not run: it is not tried again until another one was installed there. */
export type FailedVersions = Pick<OwedWrite, "catchUp"> & {
  all(): ReadonlyMap<string, FailedVersion>;
  get(filePath: string): FailedVersion | undefined;
  /** A whole unit at once. What had failed with another version at one of its paths is to be tried again. [NF-9.12] */
  setAll(failed: ReadonlyMap<string, FailedVersion>): Promise<void>;
  /**
   * Forgets what failed where something else is now, or nothing: what had failed with another version there may run with this one. [NF-9.12]
   *
   * @param now digests by path
   */
  settle(now: ReadonlyMap<string, string>): Promise<void>;
  /** What failed is announced anew as another version of the same content: to be tried again later it is to be asked for as that. */
  renew(announced: ReadonlyMap<string, NonNullable<FailedVersion["version"]>>): Promise<void>;
  delete(...filePaths: string[]): Promise<void>;
  /** Lets what failed at a path be tried again, with what failed together with it. On disk when it returns; if it throws, nothing is forgiven. */
  forgive(filePath: string): Promise<void>;
  /**
   * Forgets the verdict on a unit of which a file is not asked for any more: what a manifest asks for it asks for again, and what Notes asked
   * for, which are gone, is tried again as if it were forgiven.
   */
  release(filePaths: readonly string[]): Promise<void>;
  /** The key is gone by which a version came that failed: what failed with it may run without it, while it stays condemned by itself. */
  leave(filePath: string, name: string): Promise<void>;
};

export async function openFailedVersions(file: string): Promise<FailedVersions> {
  const record = jsonRecord(file, FailedRecord);
  const failures = (await record.read()) ?? new Map<string, FailedVersion>();
  const { write, catchUp } = owedWrite(() => record.write(Object.fromEntries(failures)));

  /** What failed with another version at one of these paths, and has no verdict but that. */
  function forgiveRest(now: ReadonlyMap<string, string>): void {
    for (const [filePath, digest] of now) {
      const failed = failures.get(filePath);
      if (failed?.unit === undefined || digestOf(failed) === digest) continue;
      for (const each of unitOf(failures, filePath).keys()) {
        const other = failures.get(each);
        if (other !== undefined && !now.has(each)) failures.set(each, { ...other, forgiven: true });
      }
    }
  }

  return {
    all: () => failures,
    get: (filePath) => failures.get(filePath),
    async setAll(failed) {
      forgiveRest(new Map([...failed].map(([filePath, version]) => [filePath, digestOf(version)])));
      for (const [filePath, version] of failed) failures.set(filePath, version);
      await write();
    },
    async settle(now) {
      forgiveRest(now);
      if ([...now.keys()].filter((filePath) => failures.delete(filePath)).length > 0) await write();
    },
    async renew(announced) {
      let isAny = false;
      for (const [filePath, { name, size, seq, etag, version, fleet }] of announced) {
        const failed = failures.get(filePath);
        const before = failed?.version;
        // What a manifest asked for ends with its asking, which a Note of the same does not change: it only tells of a later place in the order.
        const isByNote = before?.fleet !== undefined && fleet === undefined;
        const renewed = isByNote
          ? { ...before, seq: name === before.name ? (seq ?? before.seq) : before.seq }
          : { name, size, seq, etag, version, fleet };
        if (failed === undefined || isDeepStrictEqual(before, renewed)) continue;
        failures.set(filePath, { ...failed, version: renewed });
        isAny = true;
      }
      if (isAny) await write();
    },
    async delete(...filePaths) {
      if (filePaths.filter((filePath) => failures.delete(filePath)).length > 0) await write();
    },
    async forgive(filePath) {
      const before = new Map(failures);
      const unit = unitOf(failures, filePath);
      if (unit.size === 1) failures.delete(filePath);
      else {
        for (const [each, digest] of unit) {
          const version = failures.get(each);
          if (version !== undefined && digestOf(version) === digest)
            failures.set(each, { ...version, forgiven: true });
        }
      }
      if (unit.size === 0) return;
      try {
        await write();
      } catch (error) {
        for (const [each, version] of before) failures.set(each, version);
        throw error;
      }
    },
    async release(filePaths) {
      for (const filePath of filePaths) {
        const failed = failures.get(filePath);
        if (failed?.version === undefined || failed.version.fleet !== undefined) failures.delete(filePath);
        else failures.set(filePath, { ...failed, forgiven: true });
      }
      await write();
    },
    async leave(filePath, name) {
      const failed = failures.get(filePath);
      if (failed?.unit === undefined || failed.version?.name !== name) return;
      for (const each of unitOf(failures, filePath).keys()) {
        const version = failures.get(each);
        if (version !== undefined && each !== filePath) failures.set(each, { ...version, forgiven: true });
      }
      failures.set(filePath, { ...failed, unit: undefined });
      await write();
    },
    catchUp,
  };
}

/** What failed together with the version at a path, itself included: digests by path. Empty if none failed there. */
export function unitOf(
  failures: ReadonlyMap<string, FailedVersion>,
  filePath: string,
): ReadonlyMap<string, string> {
  const failed = failures.get(filePath);
  if (failed === undefined) return new Map();
  if (failed.unit === undefined) return new Map([[filePath, digestOf(failed)]]);
  const together = [...failures].filter(([, { unit }]) => unit === failed.unit);
  return new Map(together.map(([each, version]) => [each, digestOf(version)]));
}

/** A name for a unit; undefined for one file, which its path and its digest name. @param unit digests by path */
export function unitName(unit: ReadonlyMap<string, string>): string | undefined {
  if (unit.size < 2) return undefined;
  const lines = [...unit].map((entry) => JSON.stringify(entry)).toSorted();
  return createHash("sha256").update(lines.join("\n")).digest("base64url").slice(0, 22);
}

/** The digest that counts for a unit. */
export function digestOf({ sha256, removed }: Pick<FailedVersion, "sha256" | "removed">): string {
  return removed ? REMOVED : sha256;
}

/**
 * Whether a unit is no other than one that failed, or a part of it: then the same would fail again. It is another as soon as one
 * of its files differs. [NF-9.12]
 *
 * @param unit digests by path
 */
export function isCondemned(
  failures: ReadonlyMap<string, FailedVersion>,
  unit: ReadonlyMap<string, string>,
): boolean {
  const judged = new Set<string>();
  for (const filePath of unit.keys()) {
    const failed = failures.get(filePath);
    if (failed === undefined || failed.forgiven || judged.has(failed.unit ?? filePath)) continue;
    judged.add(failed.unit ?? filePath);
    const before = unitOf(failures, filePath);
    if ([...unit].every(([each, digest]) => before.get(each) === digest)) return true;
  }
  return false;
}

/** For whoever only looks. */
export async function readFailedVersions(file: string): Promise<ReadonlyMap<string, FailedVersion>> {
  const found = await readJsonFile(file, FailedRecord);
  return typeof found === "string" ? new Map() : found.value;
}
