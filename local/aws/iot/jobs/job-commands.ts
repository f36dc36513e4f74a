import { iotArn, readTarget } from "../arns.ts";
import { IotError } from "../iot-error.ts";
import { findExecution } from "./device-commands.ts";
import { type Turn, thingsOf } from "./engine.ts";
import { type Execution, isPending } from "./execution.ts";
import type { Job, NewJob } from "./job.ts";

/** Of an account, until AWS raises it. https://docs.aws.amazon.com/general/latest/gr/iot_device_management.html */
const CONTINUOUS_JOBS_MAX = 100;

/** @throws {IotError} */
export function createJob(turn: Turn, input: NewJob): Job {
  const { jobs, registry, account, now } = turn;
  if (jobs.get(input.id) !== undefined) {
    const resourceArn = iotArn(account, "job", input.id);
    throw new IotError("ResourceAlreadyExists", `there is a job ${input.id}`, {
      resourceId: input.id,
      resourceArn,
    });
  }
  for (const arn of input.targets) requireTarget(turn, arn);
  if (input.continuous && jobs.countContinuous() >= CONTINUOUS_JOBS_MAX) {
    throw new IotError("LimitExceeded", `${CONTINUOUS_JOBS_MAX} continuous jobs are active`);
  }
  const job: Job = {
    ...input,
    status: "IN_PROGRESS",
    createdAt: now,
    lastUpdatedAt: now,
    completedAt: undefined,
    forced: false,
    reasonCode: undefined,
    comment: undefined,
    windowStart: now,
    windowCount: 0,
  };
  jobs.add(job);
  for (const arn of input.targets) {
    for (const thing of thingsOf(registry, account, arn)) jobs.wait(job.id, thing);
  }
  turn.settle(job.id);
  return job;
}

/** @throws {IotError} */
export function findJob({ jobs }: Turn, id: string): Job {
  const job = jobs.get(id);
  if (job === undefined) throw new IotError("ResourceNotFound", `there is no job ${id}`);
  return job;
}

/** What is in progress goes on unless `forced`. A job that was cancelled may be cancelled again, by force. @throws {IotError} */
export function cancelJob(
  turn: Turn,
  id: string,
  reason: { forced: boolean; reasonCode?: string | undefined; comment?: string | undefined },
): Job {
  const job = findJob(turn, id);
  if (job.status === "COMPLETED") throw new IotError("InvalidRequest", `job ${id} is COMPLETED`);
  turn.cancel(job, reason);
  return job;
}

/** @throws {IotError} */
export function deleteJob(turn: Turn, id: string, forced: boolean): void {
  const job = findJob(turn, id);
  if (job.status === "IN_PROGRESS" && !forced) {
    throw new IotError("InvalidStateTransition", `job ${id} is IN_PROGRESS; force deletes it all the same`);
  }
  turn.cancel(job, { forced: true }); // so that the lists of its things are told
  turn.executions.removeJob(id);
  turn.jobs.remove(id);
}

/** @throws {IotError} */
export function cancelExecution(
  turn: Turn,
  thing: string,
  jobId: string,
  request: {
    forced: boolean;
    expectedVersion?: number | undefined;
    statusDetails?: Readonly<Record<string, string>> | undefined;
  },
): Execution {
  const execution = findExecution(turn, thing, jobId, undefined);
  if (request.expectedVersion !== undefined && request.expectedVersion !== execution.version) {
    throw new IotError("VersionMismatch", `its version is ${execution.version}`);
  }
  const running = execution.status === "IN_PROGRESS";
  if (!isPending(execution) || (running && !request.forced)) {
    throw new IotError("InvalidStateTransition", `the execution is ${execution.status}`);
  }
  return turn.change(execution, { status: "CANCELED", forced: running, details: request.statusDetails });
}

/** Continuous jobs reach a thing that joins one of their groups. */
export function afterJoin(turn: Turn, groupArn: string, thing: string): void {
  for (const job of turn.jobs.all()) {
    if (job.status !== "IN_PROGRESS" || !job.continuous || !job.targets.includes(groupArn)) continue;
    const latest = turn.executions.latest(job.id, thing);
    if (latest !== undefined && latest.status !== "REMOVED") continue;
    turn.jobs.wait(job.id, thing);
    turn.settle(job.id);
  }
}

/** What a continuous job has pending on a thing that none of its targets has any more is REMOVED. */
export function afterLeave(turn: Turn, thing: string): void {
  const { jobs, executions, registry, account } = turn;
  for (const job of jobs.all()) {
    if (job.status !== "IN_PROGRESS" || !job.continuous) continue;
    if (job.targets.some((arn) => thingsOf(registry, account, arn).includes(thing))) continue;
    jobs.stopWaiting(job.id, thing);
    const latest = executions.latest(job.id, thing);
    if (latest !== undefined && isPending(latest)) turn.change(latest, { status: "REMOVED" });
  }
}

function requireTarget({ registry, account }: Turn, arn: string): void {
  const target = readTarget(account, arn);
  if (target === undefined)
    throw new IotError("InvalidRequest", `${arn} is no thing and no group of this account`);
  const there = target.kind === "thing" ? registry.hasThing(target.name) : registry.hasGroup(target.name);
  if (!there) throw new IotError("ResourceNotFound", `there is no ${target.kind} ${target.name}`);
}
