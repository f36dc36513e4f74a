import * as v from "valibot";
import { jsonRecord } from "../state/json-record.ts";

/** Paths whose program has to run whenever the agent does: the agent starts it again when it starts itself. */
export type KeptPrograms = {
  /** In the order in which they were started. */
  all(): string[];
  add(filePath: string): Promise<void>;
  delete(filePath: string): Promise<void>;
};

export async function openKeptPrograms(file: string): Promise<KeptPrograms> {
  const record = jsonRecord(file, v.array(v.string()));
  const paths = new Set(await record.read());
  let written: Promise<void> = Promise.resolve();
  /** Writes one at a time: two programs may end at once. */
  const write = () => {
    written = written.catch(() => undefined).then(() => record.write([...paths]));
    return written;
  };
  return {
    all: () => [...paths],
    async add(filePath) {
      if ([...paths].at(-1) === filePath) return;
      paths.delete(filePath);
      paths.add(filePath);
      await write();
    },
    async delete(filePath) {
      if (paths.delete(filePath)) await write();
    },
  };
}
