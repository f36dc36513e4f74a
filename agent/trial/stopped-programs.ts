import * as v from "valibot";
import { jsonRecord, mapOf, readJsonFile } from "../state/json-record.ts";
import { type OwedWrite, owedWrite } from "../state/owed-write.ts";

const StoppedProgram = v.object({
  sha256: v.string(),
  /** `exit 3`, a signal's name, or `start`. */
  reason: v.string(),
  detail: v.string(),
  /** ISO 8601. */
  stoppedAt: v.string(),
  /** How often it has stopped since this version was installed or the agent was started. */
  stops: v.number(),
  /** The rule has it started again. */
  restart: v.boolean(),
});

const StoppedRecord = mapOf(StoppedProgram);

/** A program that was kept running, and ended by itself. */
export type StoppedProgram = v.InferOutput<typeof StoppedProgram>;

/** The programs that do not run though they were kept running, for people: each until it lasts again. */
export type StoppedPrograms = Pick<OwedWrite, "catchUp"> & {
  set(filePath: string, stopped: StoppedProgram): Promise<void>;
  delete(filePath: string): Promise<void>;
  keepOnly(keeps: (filePath: string) => boolean): Promise<void>;
  /** Returns once nothing is being written: no write may outlive the agent's hold on the folder. */
  idle(): Promise<void>;
};

export async function openStoppedPrograms(file: string): Promise<StoppedPrograms> {
  const record = jsonRecord(file, StoppedRecord);
  const programs = (await record.read()) ?? new Map<string, StoppedProgram>();
  // One at a time: two programs may end at once.
  const { write, catchUp, idle } = owedWrite(() => record.write(Object.fromEntries(programs)));
  return {
    async set(filePath, stopped) {
      programs.set(filePath, stopped);
      await write();
    },
    async delete(filePath) {
      if (programs.delete(filePath)) await write();
    },
    async keepOnly(keeps) {
      const others = [...programs.keys()].filter((filePath) => !keeps(filePath));
      for (const filePath of others) programs.delete(filePath);
      if (others.length > 0) await write();
    },
    catchUp,
    idle,
  };
}

/** For whoever only looks. */
export async function readStoppedPrograms(file: string): Promise<ReadonlyMap<string, StoppedProgram>> {
  const found = await readJsonFile(file, StoppedRecord);
  return typeof found === "string" ? new Map() : found.value;
}
