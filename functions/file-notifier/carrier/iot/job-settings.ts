import type { CreateJobRequest } from "@aws-sdk/client-iot";
import * as v from "valibot";

/** How jobs are carried out, by the names that CreateJob has for it. `lib/job-settings.ts` has looked at the values. */
export type JobSettings = Pick<
  CreateJobRequest,
  | "targetSelection"
  | "jobExecutionsRolloutConfig"
  | "abortConfig"
  | "timeoutConfig"
  | "jobExecutionsRetryConfig"
>;

const Json = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));

/** @throws {Error} for what is no JSON object. */
export function readJobSettings(text: string): JobSettings {
  return v.parse(Json, text);
}
