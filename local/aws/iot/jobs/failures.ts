import type { Execution, ExecutionStatus } from "./execution.ts";
import type { AbortConfig, RetryConfig } from "./job.ts";

/**
 * Whether a job is to be aborted. AWS does not say what the percentage is of: here of the things that were notified, which is what
 * its minimum counts.
 *
 * @param latest the last execution of each thing.
 */
export function meetsAbort(
  config: AbortConfig | undefined,
  latest: readonly Pick<Execution, "status">[],
): boolean {
  return (config?.criteriaList ?? []).some(
    ({ failureType, thresholdPercentage, minNumberOfExecutedThings }) => {
      const failed = latest.filter(({ status }) => isFailure(status, failureType)).length;
      return (
        latest.length >= minNumberOfExecutedThings &&
        failed > 0 &&
        failed * 100 >= thresholdPercentage * latest.length
      );
    },
  );
}

/** @param before the earlier executions of this job on this thing, with the one that has just failed. */
export function mayRetry(
  config: RetryConfig | undefined,
  before: readonly Pick<Execution, "status">[],
  status: ExecutionStatus,
): boolean {
  if (status !== "FAILED" && status !== "TIMED_OUT") return false;
  return (config?.criteriaList ?? []).some(({ failureType, numberOfRetries }) => {
    if (!isFailure(status, failureType)) return false;
    return before.filter((execution) => isFailure(execution.status, failureType)).length <= numberOfRetries;
  });
}

function isFailure(status: ExecutionStatus, type: "FAILED" | "REJECTED" | "TIMED_OUT" | "ALL"): boolean {
  if (type === "ALL") return status === "FAILED" || status === "REJECTED" || status === "TIMED_OUT";
  return status === type;
}
