import * as v from "valibot";
import { IotError } from "../iot-error.ts";

/** Devices send numbers as text too: aws_fota its expectedVersion, the Python sample its executionNumber. */
const WholeNumber = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d{1,15}$/), v.transform(Number))]),
  v.integer(),
);

const StepTimeout = v.pipe(
  WholeNumber,
  v.check((minutes) => minutes === -1 || (minutes >= 1 && minutes <= 10_080), "is neither -1 nor 1 to 10080"),
);

/** Bounds of botocore's model. */
export const StatusDetails = v.record(
  v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.regex(/^[a-zA-Z0-9:_-]+$/)),
  v.pipe(v.string(), v.minLength(1), v.maxLength(1024), v.regex(/^[^\p{C}]+$/u)),
);

/** null is as good as absent: aws_fota sends it for its statusDetails. */
const optional = <const Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );

export const GetRequest = v.object({});
export const StartNextRequest = v.object({
  statusDetails: optional(StatusDetails),
  stepTimeoutInMinutes: optional(StepTimeout),
});
export const DescribeRequest = v.object({
  executionNumber: optional(WholeNumber),
  includeJobDocument: optional(v.boolean()),
});
export const UpdateRequest = v.object({
  status: v.string(),
  statusDetails: optional(StatusDetails),
  expectedVersion: optional(WholeNumber),
  executionNumber: optional(WholeNumber),
  stepTimeoutInMinutes: optional(StepTimeout),
  includeJobExecutionState: optional(v.boolean()),
  includeJobDocument: optional(v.boolean()),
});

/** @throws {IotError} that names the member which is missing or wrong. */
export function parseRequest<const Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new IotError("InvalidRequest", `${v.getDotPath(issue) ?? "the request"}: ${issue.message}`);
}
