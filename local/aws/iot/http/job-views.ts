import { type IotAccount, iotArn } from "../arns.ts";
import { latestOf } from "../jobs/engine.ts";
import { deadlineOf, type Execution, type ExecutionStatus } from "../jobs/execution.ts";
import type { Job } from "../jobs/job.ts";

/** The control plane tells times in seconds with a fraction. */
const time = (milliseconds: number | undefined) =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

export function jobArn(account: IotAccount, { id }: Job): string {
  return iotArn(account, "job", id);
}

export function jobSummary(account: IotAccount, job: Job) {
  return {
    jobArn: jobArn(account, job),
    jobId: job.id,
    targetSelection: job.continuous ? "CONTINUOUS" : "SNAPSHOT",
    status: job.status,
    createdAt: time(job.createdAt),
    lastUpdatedAt: time(job.lastUpdatedAt),
    completedAt: time(job.completedAt),
  };
}

export function jobDetail(account: IotAccount, job: Job, executions: readonly Execution[]) {
  return {
    ...jobSummary(account, job),
    ...(job.forced ? { forceCanceled: true } : {}),
    reasonCode: job.reasonCode,
    comment: job.comment,
    targets: job.targets,
    description: job.description,
    ...job.config,
    jobProcessDetails: processDetails(executions),
  };
}

const COUNTS: Readonly<Record<string, ExecutionStatus>> = {
  numberOfCanceledThings: "CANCELED",
  numberOfSucceededThings: "SUCCEEDED",
  numberOfFailedThings: "FAILED",
  numberOfRejectedThings: "REJECTED",
  numberOfQueuedThings: "QUEUED",
  numberOfInProgressThings: "IN_PROGRESS",
  numberOfRemovedThings: "REMOVED",
  numberOfTimedOutThings: "TIMED_OUT",
};

function processDetails(executions: readonly Execution[]) {
  const latest = latestOf(executions);
  return Object.fromEntries(
    Object.entries(COUNTS).map(([name, status]) => [
      name,
      latest.filter((each) => each.status === status).length,
    ]),
  );
}

export function executionSummary(execution: Execution) {
  return {
    status: execution.status,
    queuedAt: time(execution.queuedAt),
    startedAt: time(execution.startedAt),
    lastUpdatedAt: time(execution.lastUpdatedAt),
    executionNumber: execution.number,
    retryAttempt: execution.number - 1,
  };
}

export function executionDetail(account: IotAccount, execution: Execution, now: number) {
  const { retryAttempt, ...summary } = executionSummary(execution);
  return {
    ...summary,
    jobId: execution.jobId,
    ...(execution.forced ? { forceCanceled: true } : {}),
    statusDetails: { detailsMap: execution.details },
    thingArn: iotArn(account, "thing", execution.thing),
    versionNumber: execution.version,
    approximateSecondsBeforeTimedOut: secondsLeft(execution, now),
  };
}

export function secondsLeft(execution: Execution, now: number): number | undefined {
  const deadline = deadlineOf(execution);
  return deadline === undefined ? undefined : Math.max(0, Math.ceil((deadline - now) / 1000));
}
