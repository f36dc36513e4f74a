import * as v from "valibot";
import { jsonRecord, readJsonFile } from "./json-record.ts";

const WaitingUnit = v.object({
  /** What the paths of its rule match. */
  match: v.string(),
  paths: v.array(v.string()),
  /** Those of them whose delivery failed for now. */
  lacks: v.array(v.string()),
});

const Record = v.array(WaitingUnit);

/** Files of one rule that are put in their places once all of them can be. */
export type WaitingUnit = v.InferOutput<typeof WaitingUnit>;

/** The units that are not in their places yet, for people. */
export type WaitingUnits = {
  /** Nothing is written if nothing has changed. */
  write(units: readonly WaitingUnit[]): Promise<void>;
};

export async function openWaitingUnits(file: string): Promise<WaitingUnits> {
  const record = jsonRecord(file, Record);
  let written = JSON.stringify((await record.read()) ?? []);
  return {
    async write(units) {
      const text = JSON.stringify(units);
      if (text === written) return;
      await record.write([...units]);
      written = text;
    },
  };
}

/** For whoever only looks. */
export async function readWaitingUnits(file: string): Promise<readonly WaitingUnit[]> {
  const found = await readJsonFile(file, Record);
  return typeof found === "string" ? [] : found.value;
}
