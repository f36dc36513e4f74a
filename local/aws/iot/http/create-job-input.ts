import * as v from "valibot";
import { IotError } from "../iot-error.ts";
import { AbortConfig, type NewJob, RetryConfig, RolloutConfig, TimeoutConfig } from "../jobs/job.ts";
import { bodyOf, type Call, param } from "./operation.ts";

const JOB_ID = /^[a-zA-Z0-9_-]{1,64}$/;
const DOCUMENT_MAX_CHARACTERS = 32_768;

/** What would have the service itself change a document, which is not done here. */
const PLACEHOLDER = "${aws:iot:";

/** Strict: a member that is not carried out here must not be dropped silently. Tags cost nothing here and say nothing. */
const CreateJobInput = v.strictObject({
  targets: v.pipe(v.array(v.string()), v.minLength(1)),
  document: v.pipe(v.string(), v.maxLength(DOCUMENT_MAX_CHARACTERS)),
  description: v.optional(v.pipe(v.string(), v.maxLength(2028))),
  targetSelection: v.optional(v.picklist(["SNAPSHOT", "CONTINUOUS"]), "SNAPSHOT"),
  presignedUrlConfig: v.optional(v.unknown()),
  jobExecutionsRolloutConfig: v.optional(RolloutConfig),
  abortConfig: v.optional(AbortConfig),
  timeoutConfig: v.optional(TimeoutConfig),
  jobExecutionsRetryConfig: v.optional(RetryConfig),
  tags: v.optional(v.unknown()),
});

/** Only what authorisation needs, before anything else is said about the input. @throws {IotError} */
export function targetsOf(call: Call): string[] {
  return bodyOf(call, v.object({ targets: v.array(v.string()) })).targets;
}

/** @throws {IotError} */
export function readCreateJob(call: Call): NewJob {
  const id = param(call, "jobId");
  if (!JOB_ID.test(id)) throw new IotError("InvalidRequest", "a jobId has 1 to 64 of a-z, A-Z, 0-9, _ and -");
  const input = bodyOf(call, CreateJobInput);
  checkDocument(input.document);
  const { jobExecutionsRolloutConfig, abortConfig, timeoutConfig, jobExecutionsRetryConfig } = input;
  return {
    id,
    document: input.document,
    description: input.description,
    targets: [...new Set(input.targets)],
    continuous: input.targetSelection === "CONTINUOUS",
    config: { jobExecutionsRolloutConfig, abortConfig, timeoutConfig, jobExecutionsRetryConfig },
  };
}

function checkDocument(document: string): void {
  if (document.includes(PLACEHOLDER)) {
    throw new IotError("InvalidRequest", `placeholders such as ${PLACEHOLDER}…} are not replaced here`);
  }
  try {
    JSON.parse(document);
  } catch {
    throw new IotError("InvalidRequest", "the document is not JSON");
  }
}
