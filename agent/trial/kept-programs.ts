import * as v from "valibot";
import { jsonRecord, mapOf } from "../state/json-record.ts";
import { type OwedWrite, owedWrite } from "../state/owed-write.ts";

/** Paths whose program has to run whenever the agent does: the agent starts it again when it starts itself. */
export type KeptPrograms = Pick<OwedWrite, "catchUp"> & {
  /** In the order in which they were started. */
  all(): string[];
  /** Unpadded base64url of the SHA-256 of the file that its program was kept for. */
  digestOf(filePath: string): string | undefined;
  add(filePath: string, sha256: string | undefined): Promise<void>;
  delete(filePath: string): Promise<void>;
};

export async function openKeptPrograms(file: string): Promise<KeptPrograms> {
  const record = jsonRecord(file, v.array(v.string()));
  // A record of its own: an earlier version of the agent, which may be put back, can read the other as it is.
  const digestRecord = jsonRecord(file.replace(/(?:\.json)?$/, "-digests.json"), mapOf(v.string()));
  const paths = new Set(await record.read());
  const digests = new Map(await digestRecord.read());
  // One at a time: two programs may end at once.
  const { write, catchUp } = owedWrite(async () => {
    // First: what is kept without its digest is not started again where nothing else has that.
    await digestRecord.write(Object.fromEntries(digests));
    await record.write([...paths]);
  });
  return {
    all: () => [...paths],
    digestOf: (filePath) => (paths.has(filePath) ? digests.get(filePath) : undefined),
    async add(filePath, sha256) {
      if ([...paths].at(-1) === filePath && digests.get(filePath) === sha256) return;
      paths.delete(filePath);
      paths.add(filePath);
      if (sha256 === undefined) digests.delete(filePath);
      else digests.set(filePath, sha256);
      await write();
    },
    async delete(filePath) {
      digests.delete(filePath);
      if (paths.delete(filePath)) await write();
    },
    catchUp,
  };
}
