import * as v from "valibot";
import { iotArn } from "../arns.ts";
import { IotError } from "../iot-error.ts";
import { findExecution } from "../jobs/device-commands.ts";
import { EXECUTION_STATUSES, type Execution } from "../jobs/execution.ts";
import { JOB_STATUSES } from "../jobs/job.ts";
import { cancelExecution, cancelJob, createJob, deleteJob, findJob } from "../jobs/job-commands.ts";
import { StatusDetails } from "../jobs/requests.ts";
import { readCreateJob, targetsOf } from "./create-job-input.ts";
import { executionDetail, executionSummary, jobArn, jobDetail, jobSummary } from "./job-views.ts";
import { bodyOf, type Call, flag, type Operation, page, param, wholeNumber } from "./operation.ts";

const arn = (call: Call, kind: "job" | "thing") =>
  iotArn(call.services.account, kind, param(call, kind === "job" ? "jobId" : "thingName"));
const job = (call: Call) => [arn(call, "job")];
const thing = (call: Call) => [arn(call, "thing")];
const both = (call: Call) => [arn(call, "job"), arn(call, "thing")];

const Reason = v.object({ reasonCode: v.optional(v.string()), comment: v.optional(v.string()) });
const CancelExecution = v.object({
  expectedVersion: v.optional(v.number()),
  statusDetails: v.optional(StatusDetails),
});

export const createJobOperation: Operation = {
  action: "iot:CreateJob",
  resources: (call) => [arn(call, "job"), ...targetsOf(call)],
  run(call) {
    const { account, engine } = call.services;
    const created = engine.perform((turn) => createJob(turn, readCreateJob(call)));
    return { jobArn: jobArn(account, created), jobId: created.id, description: created.description };
  },
};

export const describeJobOperation: Operation = {
  action: "iot:DescribeJob",
  resources: job,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const found = findJob(turn, param(call, "jobId"));
      return { job: jobDetail(turn.account, found, turn.executions.ofJob(found.id)) };
    }),
};

export const getJobDocumentOperation: Operation = {
  action: "iot:GetJobDocument",
  resources: job,
  run: (call) =>
    call.services.engine.perform((turn) => ({ document: findJob(turn, param(call, "jobId")).document })),
};

export const cancelJobOperation: Operation = {
  action: "iot:CancelJob",
  resources: job,
  run(call) {
    const { account, engine } = call.services;
    const reason = { ...bodyOf(call, Reason), forced: flag(call, "force") };
    const cancelled = engine.perform((turn) => cancelJob(turn, param(call, "jobId"), reason));
    return { jobArn: jobArn(account, cancelled), jobId: cancelled.id, description: cancelled.description };
  },
};

export const deleteJobOperation: Operation = {
  action: "iot:DeleteJob",
  resources: job,
  run: (call) =>
    call.services.engine.perform((turn) => deleteJob(turn, param(call, "jobId"), flag(call, "force"))),
};

export const listJobsOperation: Operation = {
  action: "iot:ListJobs",
  resources: () => ["*"],
  run: (call) =>
    call.services.engine.perform((turn) => {
      const status = picked(call, "status", JOB_STATUSES);
      const selection = call.query.get("targetSelection");
      const summaries = turn.jobs
        .all()
        .map((each) => jobSummary(turn.account, each))
        .filter((each) => (status ?? each.status) === each.status)
        .filter((each) => (selection ?? each.targetSelection) === each.targetSelection);
      const { items, nextToken } = page(call, summaries);
      return { jobs: items, nextToken };
    }),
};

export const describeJobExecutionOperation: Operation = {
  action: "iot:DescribeJobExecution",
  resources: both,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const number = wholeNumber(call, "executionNumber");
      const execution = findExecution(turn, param(call, "thingName"), param(call, "jobId"), number);
      return { execution: executionDetail(turn.account, execution, turn.now) };
    }),
};

export const cancelJobExecutionOperation: Operation = {
  action: "iot:CancelJobExecution",
  resources: both,
  run(call) {
    const request = { ...bodyOf(call, CancelExecution), forced: flag(call, "force") };
    call.services.engine.perform((turn) => {
      cancelExecution(turn, param(call, "thingName"), param(call, "jobId"), request);
    });
  },
};

export const listJobExecutionsForJobOperation: Operation = {
  action: "iot:ListJobExecutionsForJob",
  resources: job,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const { id } = findJob(turn, param(call, "jobId"));
      const { items, nextToken } = page(call, ofStatus(call, turn.executions.ofJob(id)));
      const executionSummaries = items.map((each) => ({
        thingArn: iotArn(turn.account, "thing", each.thing),
        jobExecutionSummary: executionSummary(each),
      }));
      return { executionSummaries, nextToken };
    }),
};

export const listJobExecutionsForThingOperation: Operation = {
  action: "iot:ListJobExecutionsForThing",
  resources: thing,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const name = param(call, "thingName");
      if (!turn.registry.hasThing(name)) throw new IotError("ResourceNotFound", `there is no thing ${name}`);
      const jobId = call.query.get("jobId");
      const wanted = turn.executions.ofThing(name).filter((each) => (jobId ?? each.jobId) === each.jobId);
      const { items, nextToken } = page(call, ofStatus(call, wanted));
      const executionSummaries = items.map((each) => ({
        jobId: each.jobId,
        jobExecutionSummary: executionSummary(each),
      }));
      return { executionSummaries, nextToken };
    }),
};

function ofStatus(call: Call, executions: readonly Execution[]): Execution[] {
  const status = picked(call, "status", EXECUTION_STATUSES);
  return executions.filter((each) => (status ?? each.status) === each.status);
}

/** @throws {IotError} */
function picked<const T extends string>(call: Call, name: string, among: readonly T[]): T | undefined {
  const text = call.query.get(name);
  if (text === null) return undefined;
  const found = among.find((each) => each === text);
  if (found === undefined) throw new IotError("InvalidRequest", `${name} is one of ${among.join(", ")}`);
  return found;
}
