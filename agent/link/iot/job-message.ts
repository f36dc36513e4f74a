import * as v from "valibot";
import { type JobAnnouncement, parseJobDocument } from "../../../protocol/job-document.ts";

/** Characters of a message that is read at all: a document and what AWS IoT puts around it have fewer. */
const MESSAGE_MAX_BYTES = 128 * 1024;

/** More than AWS gives out, less than would be a burden: what names a job goes into topics. */
const JobId = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
const Version = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** Seconds since the epoch; AWS's own examples have milliseconds too. */
const Timestamp = v.fallback(
  v.optional(
    v.pipe(
      v.number(),
      v.minValue(1),
      v.maxValue(8_640_000_000_000),
      v.transform((time) => Math.floor(time > 100_000_000_000 ? time / 1000 : time)),
    ),
  ),
  undefined,
);

/** AWS's services write members that nothing is in as null. */
const Execution = v.object({
  jobId: JobId,
  status: v.picklist(["QUEUED", "IN_PROGRESS"]),
  versionNumber: Version,
  executionNumber: v.fallback(v.optional(Version), undefined),
  jobDocument: v.optional(v.unknown()),
});

const NextJob = v.object({ execution: v.nullish(v.unknown()), timestamp: Timestamp });

const Answer = v.object({
  clientToken: v.string(),
  timestamp: Timestamp,
  code: v.fallback(v.optional(v.string()), undefined),
  message: v.fallback(v.optional(v.string()), undefined),
  execution: v.nullish(v.unknown()),
});

/** One execution of a job on this thing. `announced` is undefined where its document is not ours. */
export type Job = {
  id: string;
  status: "QUEUED" | "IN_PROGRESS";
  /** Rises with every change of the execution. */
  version: number;
  execution: number | undefined;
  announced: JobAnnouncement | undefined;
};

/** Which job comes next; `job` is undefined where there is none. `timestamp`: seconds, by AWS's clock. */
export type Next = { job: Job | undefined; timestamp: number | undefined };

/** An answer to a request of ours; `code` is there where it was refused. */
export type JobAnswer = {
  token: string;
  timestamp: number | undefined;
  refused?: { code: string; message: string };
  job: Job | undefined;
};

/** Reads a message on `notify-next`; undefined if it is none. https://docs.aws.amazon.com/iot/latest/developerguide/jobs-mqtt-api.html */
export function parseNext(payload: Buffer): Next | undefined {
  const parsed = v.safeParse(NextJob, jsonOf(payload));
  if (!parsed.success) return undefined;
  const { execution, timestamp } = parsed.output;
  const job = jobOf(execution);
  return job === "none" ? undefined : { job, timestamp };
}

/** Reads what is answered on `…/accepted` and `…/rejected`; undefined if it answers nothing of ours. */
export function parseAnswer(payload: Buffer, isRefused: boolean): JobAnswer | undefined {
  const parsed = v.safeParse(Answer, jsonOf(payload));
  if (!parsed.success) return undefined;
  const { clientToken: token, timestamp, code = "", message = "", execution } = parsed.output;
  if (isRefused) return { token, timestamp, refused: { code, message }, job: undefined };
  const job = jobOf(execution);
  return { token, timestamp, job: job === "none" ? undefined : job };
}

/** `none` for what is no execution; undefined where there is none. */
function jobOf(execution: unknown): Job | undefined | "none" {
  if (execution === undefined || execution === null || Object.keys(Object(execution)).length === 0)
    return undefined;
  const parsed = v.safeParse(Execution, execution);
  if (!parsed.success) return "none";
  const { jobId: id, status, versionNumber: version, executionNumber, jobDocument } = parsed.output;
  return { id, status, version, execution: executionNumber, announced: parseJobDocument(jobDocument) };
}

function jsonOf(payload: Buffer): unknown {
  if (payload.length > MESSAGE_MAX_BYTES) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}
