import { type Execution, isPending } from "./execution.ts";

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** Of no more than these does a notification tell. */
const MOST_NOTIFIED = 15;

/** An execution in a list, with times in seconds. */
export function summaryOf(execution: Execution) {
  return {
    jobId: execution.jobId,
    queuedAt: seconds(execution.queuedAt),
    ...(execution.startedAt === undefined ? {} : { startedAt: seconds(execution.startedAt) }),
    lastUpdatedAt: seconds(execution.lastUpdatedAt),
    executionNumber: execution.number,
    versionNumber: execution.version,
  };
}

/** An execution as it is told to a device over MQTT, without its document. */
export function executionData(execution: Execution) {
  const { jobId, ...times } = summaryOf(execution);
  const details = execution.details;
  return {
    jobId,
    status: execution.status,
    ...(Object.keys(details).length === 0 ? {} : { statusDetails: details }),
    ...times,
  };
}

/** What a refusal tells of the execution that it is about. */
export function executionState({ status, details, version }: Execution) {
  return { status, statusDetails: details, versionNumber: version };
}

/** `notify`: the pending ones by their status, in order. */
export function listNotification(pending: readonly Execution[], now: number) {
  const jobs: Record<string, unknown[]> = {};
  for (const execution of pending.slice(0, MOST_NOTIFIED)) {
    const list = jobs[execution.status] ?? [];
    list.push(summaryOf(execution));
    jobs[execution.status] = list;
  }
  return { timestamp: seconds(now), jobs };
}

/** `notify-next`: the first one with its document; without `execution` when there is none. */
export function nextNotification(head: Execution | undefined, document: unknown, now: number) {
  const timestamp = seconds(now);
  return head === undefined
    ? { timestamp }
    : { timestamp, execution: { ...executionData(head), jobDocument: document } };
}

/** The last part of `$aws/events/jobExecution/<jobId>/…`; undefined for what is no end. */
export function eventOperation(execution: Execution): string | undefined {
  return isPending(execution) ? undefined : execution.status.toLowerCase();
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/events-jobs.html */
export function executionEvent(
  execution: Execution,
  { eventId, thingArn, now }: { eventId: string; thingArn: string; now: number },
) {
  return {
    eventType: "JOB_EXECUTION",
    eventId,
    timestamp: seconds(now),
    operation: eventOperation(execution),
    jobId: execution.jobId,
    thingArn,
    status: execution.status,
    ...(Object.keys(execution.details).length === 0 ? {} : { statusDetails: execution.details }),
    executionNumber: execution.number,
    versionNumber: execution.version,
  };
}
