import * as v from "valibot";
import { AwsError } from "./aws-error.ts";

/** @throws {AwsError} that names the member which is missing or wrong. */
export function parseInput<const S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new AwsError(
    "com.amazon.coral.validate#ValidationException",
    `${v.getDotPath(issue) ?? "input"}: ${issue.message}`,
  );
}
