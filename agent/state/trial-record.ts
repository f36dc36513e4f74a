import * as v from "valibot";
import { type JsonRecord, jsonRecord } from "./json-record.ts";

const Trial = v.object({
  /** The key it was announced by. */
  name: v.string(),
  path: v.string(),
  sha256: v.string(),
  /** Whether there was a file before, which is kept. */
  hadPrevious: v.boolean(),
  /** Times that its program was started: a version that takes the agent or the device down with it must not for ever. */
  starts: v.number(),
});

/** A version that is in its place, but whose program has not yet shown that it runs. */
export type Trial = v.InferOutput<typeof Trial>;

export function trialRecord(file: string): JsonRecord<Trial> {
  return jsonRecord(file, Trial);
}
