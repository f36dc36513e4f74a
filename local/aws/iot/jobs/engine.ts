import type { DatabaseSync } from "node:sqlite";
import { type IotAccount, readTarget } from "../arns.ts";
import { inTransaction } from "../database.ts";
import type { Registry } from "../registry/registry.ts";
import { createChanges, type JobMessage } from "./changes.ts";
import { changed, type Execution, isPending, type StatusChange } from "./execution.ts";
import { type ExecutionStore, openExecutionStore } from "./execution-store.ts";
import { mayRetry, meetsAbort } from "./failures.ts";
import type { Job } from "./job.ts";
import { type JobStore, openJobStore } from "./job-store.ts";
import { nextWindow, ratePerMinute, windowAt } from "./rollout.ts";

/** What a command may do inside its transaction. */
export type Turn = {
  now: number;
  account: IotAccount;
  registry: Registry;
  jobs: JobStore;
  executions: ExecutionStore;
  /** A first or a further execution of the job on the thing. */
  queue(job: Job, thing: string): void;
  /** Has a pending execution change; a retry, an abort and the job's end follow by themselves. */
  change(execution: Execution, change: StatusChange): Execution;
  cancel(
    job: Job,
    reason: { forced: boolean; reasonCode?: string | undefined; comment?: string | undefined },
  ): void;
  /** Carries on with a job: rolls it out, aborts or completes it. */
  settle(jobId: string): void;
};

/** The one state machine of jobs behind MQTT, the data plane and the control plane. */
export type JobEngine = {
  /** Runs a command whole or not at all; what it throws leaves nothing. */
  perform<T>(command: (turn: Turn) => T): T;
  /** Does what is due: time-outs, and the next minute of a rollout. */
  runDue(): void;
  /** When something is due next, in epoch milliseconds. */
  nextDue(): number | undefined;
  /** The messages of what was done since they were last taken, in order. */
  takeMessages(): JobMessage[];
};

export function createJobEngine(options: {
  db: DatabaseSync;
  registry: Registry;
  account: IotAccount;
  /** Epoch milliseconds. */
  clock: () => number;
  /** Whether `$aws/events/jobExecution/…` are published: off by default at AWS. */
  eventsEnabled: () => boolean;
}): JobEngine {
  const { db, registry, account, clock } = options;
  const executions = openExecutionStore(db);
  const jobs = openJobStore(db);
  let told: JobMessage[] = [];

  function perform<T>(command: (turn: Turn) => T): T {
    const now = clock();
    const changes = createChanges({ account, executions, jobs, events: options.eventsEnabled() });
    const unsettled = new Set<string>();

    const turn: Turn = {
      ...{ now, account, registry, jobs, executions },
      queue(job, thing) {
        changes.touch(thing);
        executions.queue(job.id, thing, now);
      },
      change(execution, change) {
        changes.touch(execution.thing);
        const after = changed(execution, change, now);
        executions.save(after);
        changes.record(after);
        unsettled.add(execution.jobId);
        if (!isPending(after)) retry(turn, after);
        return after;
      },
      cancel(job, { forced, reasonCode, comment }) {
        jobs.stopAllWaiting(job.id);
        jobs.save({
          ...job,
          status: "CANCELED",
          forced: job.forced || forced,
          reasonCode,
          comment,
          lastUpdatedAt: now,
          completedAt: now,
        });
        for (const execution of executions.ofJob(job.id)) {
          const running = execution.status === "IN_PROGRESS";
          if (!isPending(execution) || (running && !forced)) continue;
          turn.change(execution, { status: "CANCELED", forced: running });
        }
      },
      settle: (jobId) => void unsettled.add(jobId),
    };

    const { result, messages } = inTransaction(db, () => {
      const result = command(turn);
      for (const jobId of unsettled) settle(turn, jobId); // a set takes in what is added on the way
      return { result, messages: changes.messages(now) };
    });
    told.push(...messages);
    return result;
  }

  return {
    perform,
    runDue: () =>
      perform((turn) => {
        for (const execution of executions.overdue(turn.now)) turn.change(execution, { status: "TIMED_OUT" });
        for (const { id } of jobs.unfinished()) turn.settle(id);
      }),
    nextDue() {
      const times = jobs
        .unfinished()
        .map((job) => nextWindow({ start: job.windowStart, count: job.windowCount }));
      const deadline = executions.nextDeadline();
      if (deadline !== undefined) times.push(deadline);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    takeMessages() {
      const taken = told;
      told = [];
      return taken;
    },
  };
}

function retry(turn: Turn, ended: Execution): void {
  const job = turn.jobs.get(ended.jobId);
  if (job?.status !== "IN_PROGRESS") return;
  const before = turn.executions.ofJob(job.id).filter(({ thing }) => thing === ended.thing);
  if (mayRetry(job.config.jobExecutionsRetryConfig, before, ended.status)) turn.queue(job, ended.thing);
}

function settle(turn: Turn, jobId: string): void {
  const job = turn.jobs.get(jobId);
  if (job?.status !== "IN_PROGRESS") return;
  const latest = latestOf(turn.executions.ofJob(jobId));
  if (meetsAbort(job.config.abortConfig, latest)) {
    turn.cancel(job, { forced: false, reasonCode: "JOB_ABORTED" });
    return;
  }
  rollOut(turn, job, latest);
  const left = turn.jobs.waiting(jobId, 1).length > 0;
  const pending = latestOf(turn.executions.ofJob(jobId)).some(isPending);
  if (job.continuous || left || pending) return;
  const rolledOut = turn.jobs.get(jobId) ?? job;
  turn.jobs.save({ ...rolledOut, status: "COMPLETED", lastUpdatedAt: turn.now, completedAt: turn.now });
}

function rollOut(turn: Turn, job: Job, latest: readonly Execution[]): void {
  const succeeded = latest.filter(({ status }) => status === "SUCCEEDED").length;
  const rate = ratePerMinute(job.config.jobExecutionsRolloutConfig, { notified: latest.length, succeeded });
  const window = windowAt({ start: job.windowStart, count: job.windowCount }, turn.now);
  const things = turn.jobs.waiting(job.id, Math.max(0, rate - window.count));
  if (things.length === 0) return;
  for (const thing of things) {
    turn.jobs.stopWaiting(job.id, thing);
    turn.queue(job, thing);
  }
  turn.jobs.save({ ...job, windowStart: window.start, windowCount: window.count + things.length });
}

/** The last execution of each thing. */
export function latestOf(executions: readonly Execution[]): Execution[] {
  return [...new Map(executions.map((execution) => [execution.thing, execution])).values()];
}

/** The things that a target stands for now. */
export function thingsOf(registry: Registry, account: IotAccount, targetArn: string): string[] {
  const target = readTarget(account, targetArn);
  if (target === undefined) return [];
  return target.kind === "thing" ? [target.name] : registry.members(target.name);
}
