import { explainAwsFailure } from "../cloud/aws-failure.ts";
import { OperatorError } from "../cloud/operator-error.ts";

/** What was thrown, as a failure that a person can do something about; undefined if it is a fault of ours. */
export function explainFailure(error: unknown): OperatorError | undefined {
  return error instanceof OperatorError ? error : explainAwsFailure(error);
}
