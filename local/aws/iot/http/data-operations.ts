import { iotArn } from "../arns.ts";
import {
  describeExecution,
  documentOf,
  pendingExecutions,
  startNext,
  updateExecution,
} from "../jobs/device-commands.ts";
import type { Turn } from "../jobs/engine.ts";
import type { Execution } from "../jobs/execution.ts";
import { executionData, executionState, summaryOf } from "../jobs/messages.ts";
import { StartNextRequest, UpdateRequest } from "../jobs/requests.ts";
import { secondsLeft } from "./job-views.ts";
import { bodyOf, type Call, type Operation, param, wholeNumber } from "./operation.ts";

const thing = (call: Call) => [iotArn(call.services.account, "thing", param(call, "thingName"))];

/** Over HTTPS a document is text, and the thing is named. */
function executionView(turn: Turn, execution: Execution, withDocument: boolean) {
  return {
    ...executionData(execution),
    thingName: execution.thing,
    approximateSecondsBeforeTimedOut: secondsLeft(execution, turn.now),
    ...(withDocument ? { jobDocument: documentOf(turn, execution) } : {}),
  };
}

export const describeExecutionOperation: Operation = {
  action: "iotjobsdata:DescribeJobExecution",
  resources: thing,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const number = wholeNumber(call, "executionNumber");
      const execution = describeExecution(turn, param(call, "thingName"), param(call, "jobId"), number);
      const withDocument = call.query.get("includeJobDocument") !== "false";
      return execution === undefined ? {} : { execution: executionView(turn, execution, withDocument) };
    }),
};

export const getPendingOperation: Operation = {
  action: "iotjobsdata:GetPendingJobExecutions",
  resources: thing,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const { inProgress, queued } = pendingExecutions(turn, param(call, "thingName"));
      return { inProgressJobs: inProgress.map(summaryOf), queuedJobs: queued.map(summaryOf) };
    }),
};

export const startNextOperation: Operation = {
  action: "iotjobsdata:StartNextPendingJobExecution",
  resources: thing,
  run(call) {
    const request = bodyOf(call, StartNextRequest);
    return call.services.engine.perform((turn) => {
      const execution = startNext(turn, param(call, "thingName"), request);
      return execution === undefined ? {} : { execution: executionView(turn, execution, true) };
    });
  },
};

export const updateOperation: Operation = {
  action: "iotjobsdata:UpdateJobExecution",
  resources: thing,
  run(call) {
    const request = bodyOf(call, UpdateRequest);
    return call.services.engine.perform((turn) => {
      const execution = updateExecution(turn, param(call, "thingName"), param(call, "jobId"), request);
      return {
        ...(request.includeJobExecutionState === true ? { executionState: executionState(execution) } : {}),
        ...(request.includeJobDocument === true ? { jobDocument: documentOf(turn, execution) } : {}),
      };
    });
  },
};
