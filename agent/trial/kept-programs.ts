import * as v from "valibot";
import { jsonRecord } from "../state/json-record.ts";

/** The paths whose program is to run for as long as the agent does: it is started again when the agent is. */
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
  /** One at a time: programs end when they like. */
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
