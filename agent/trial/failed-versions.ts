import * as v from "valibot";
import { Announcement } from "../../protocol/announcement.ts";
import { jsonRecord, mapOf, readJsonFile } from "../state/json-record.ts";

const FailedVersion = v.object({
  sha256: v.string(),
  reason: v.string(),
  detail: v.string(),
  /** How its program ended, as its receipt tells it; absent where that is not known. [NF-9.9] */
  ended: v.fallback(v.optional(v.string()), undefined),
  /** As it was announced, to try it again: its Note is gone. Absent where version 0.1.0 of the agent wrote the record. */
  version: v.fallback(
    v.optional(
      v.object({
        ...v.pick(Announcement, ["name", "size", "seq"]).entries,
        etag: v.string(), // empty where the version is asked for by its VersionId
        version: v.optional(v.string()),
      }),
    ),
    undefined,
  ),
});

const FailedRecord = mapOf(FailedVersion);

/** A version that was installed, did not run, and was taken back. */
export type FailedVersion = v.InferOutput<typeof FailedVersion>;

/** The last version of each path that did not run: it is not tried again until another one was installed there. */
export type FailedVersions = {
  get(filePath: string): FailedVersion | undefined;
  set(filePath: string, failed: FailedVersion): Promise<void>;
  delete(filePath: string): Promise<void>;
};

export async function openFailedVersions(file: string): Promise<FailedVersions> {
  const record = jsonRecord(file, FailedRecord);
  const failures = (await record.read()) ?? new Map<string, FailedVersion>();
  const write = () => record.write(Object.fromEntries(failures));
  return {
    get: (filePath) => failures.get(filePath),
    async set(filePath, failed) {
      failures.set(filePath, failed);
      await write();
    },
    async delete(filePath) {
      if (failures.delete(filePath)) await write();
    },
  };
}

/** For whoever only looks. */
export async function readFailedVersions(file: string): Promise<ReadonlyMap<string, FailedVersion>> {
  const found = await readJsonFile(file, FailedRecord);
  return typeof found === "string" ? new Map() : found.value;
}
