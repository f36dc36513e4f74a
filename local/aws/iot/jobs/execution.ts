/** https://docs.aws.amazon.com/iot/latest/developerguide/iot-jobs-lifecycle.html */
export const EXECUTION_STATUSES = [
  "QUEUED",
  "IN_PROGRESS",
  "SUCCEEDED",
  "FAILED",
  "TIMED_OUT",
  "REJECTED",
  "REMOVED",
  "CANCELED",
] as const;

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** The statuses that a device may report. */
export const REPORTED_STATUSES = ["IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"] as const;

export type ReportedStatus = (typeof REPORTED_STATUSES)[number];

/** One job on one thing, once: a retry is another execution with the next number. Times in epoch milliseconds. */
export type Execution = {
  /** Its place in the order of queueing. */
  order: number;
  jobId: string;
  thing: string;
  number: number;
  status: ExecutionStatus;
  details: Readonly<Record<string, string>>;
  queuedAt: number;
  startedAt: number | undefined;
  lastUpdatedAt: number;
  /** Rises by one with every update, whoever makes it. */
  version: number;
  /** Cancelled while it was in progress. */
  forced: boolean;
  /** By the job's `timeoutConfig`: from the first IN_PROGRESS on. */
  progressDeadline: number | undefined;
  /** By `stepTimeoutInMinutes` of the last update that had one. */
  stepDeadline: number | undefined;
};

export function isPending({ status }: Pick<Execution, "status">): boolean {
  return status === "QUEUED" || status === "IN_PROGRESS";
}

/** When it times out; undefined for never. */
export function deadlineOf({ progressDeadline, stepDeadline }: Execution): number | undefined {
  if (progressDeadline === undefined) return stepDeadline;
  return stepDeadline === undefined ? progressDeadline : Math.min(progressDeadline, stepDeadline);
}

/** The members of the execution that change with its status. */
export type StatusChange = {
  status: ExecutionStatus;
  /** Absent: they stay. */
  details?: Readonly<Record<string, string>> | undefined;
  forced?: boolean;
  /** -1 ends the one that runs; absent: it runs on. */
  stepTimeoutMinutes?: number | undefined;
  /** Of the job, for the first IN_PROGRESS. */
  progressMinutes?: number | undefined;
};

const MINUTE_MS = 60_000;

/** The execution after a change. Whether it may change is decided before. */
export function changed(execution: Execution, change: StatusChange, now: number): Execution {
  const { status, details = execution.details, stepTimeoutMinutes: step } = change;
  const running = status === "IN_PROGRESS";
  const starts = running && execution.startedAt === undefined;
  const progress = starts && change.progressMinutes !== undefined;
  return {
    ...execution,
    status,
    details,
    forced: change.forced ?? execution.forced,
    version: execution.version + 1,
    lastUpdatedAt: now,
    startedAt: starts ? now : execution.startedAt,
    progressDeadline: running
      ? progress
        ? now + (change.progressMinutes ?? 0) * MINUTE_MS
        : execution.progressDeadline
      : undefined,
    stepDeadline: running ? stepDeadline(execution, step, now) : undefined,
  };
}

function stepDeadline(execution: Execution, minutes: number | undefined, now: number): number | undefined {
  if (minutes === undefined) return execution.stepDeadline;
  return minutes === -1 ? undefined : now + minutes * MINUTE_MS;
}
