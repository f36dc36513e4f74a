import * as v from "valibot";
import { jsonRecord, mapOf, readJsonFile } from "./json-record.ts";
import { type OwedWrite, owedWrite } from "./owed-write.ts";

const LastFailure = v.object({
  state: v.picklist(["failed", "refused"]),
  reason: v.string(),
  detail: v.string(),
  /** ISO 8601. */
  failedAt: v.string(),
  /** ISO 8601; absent if the agent does not try again by itself. */
  retryAt: v.optional(v.string()),
});

/** How the last delivery of a name failed. */
export type LastFailure = v.InferOutput<typeof LastFailure>;

const FailureRecord = mapOf(LastFailure);

/** Names remembered, the newest: nobody looks at more, and a stranger's Notes must not fill the disk. */
const MAX_NAMES = 100;

/** The names whose last delivery failed, for people. */
export type LastFailures = Pick<OwedWrite, "catchUp"> & {
  get(name: string): LastFailure | undefined;
  set(name: string, failure: LastFailure): Promise<void>;
  delete(name: string): Promise<void>;
  /** Returns once nothing is being written: no write may outlive the agent's hold on the folder. */
  idle(): Promise<void>;
};

export async function openLastFailures(file: string): Promise<LastFailures> {
  const record = jsonRecord(file, FailureRecord);
  const failures = (await record.read()) ?? new Map<string, LastFailure>();
  // One at a time: nobody waits for the one before.
  const { write, catchUp, idle } = owedWrite(() => record.write(Object.fromEntries(failures)));
  return {
    get: (name) => failures.get(name),
    async set(name, failure) {
      failures.delete(name);
      failures.set(name, failure);
      for (const oldest of [...failures.keys()].slice(0, -MAX_NAMES)) failures.delete(oldest);
      await write();
    },
    async delete(name) {
      if (failures.delete(name)) await write();
    },
    catchUp,
    idle,
  };
}

/** For whoever only looks; oldest first. */
export async function readLastFailures(file: string): Promise<ReadonlyMap<string, LastFailure>> {
  const found = await readJsonFile(file, FailureRecord);
  return typeof found === "string" ? new Map() : found.value;
}
