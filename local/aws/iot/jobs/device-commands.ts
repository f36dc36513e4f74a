import { IotError } from "../iot-error.ts";
import type { Turn } from "./engine.ts";
import { type Execution, isPending, REPORTED_STATUSES } from "./execution.ts";
import { executionState } from "./messages.ts";

export type UpdateRequest = {
  status: string;
  statusDetails?: Readonly<Record<string, string>> | undefined;
  expectedVersion?: number | undefined;
  executionNumber?: number | undefined;
  stepTimeoutInMinutes?: number | undefined;
};

/** Starts the next pending execution; one that is in progress is given as it is. Undefined: there is none. */
export function startNext(
  turn: Turn,
  thing: string,
  request: Pick<UpdateRequest, "statusDetails" | "stepTimeoutInMinutes">,
): Execution | undefined {
  requireThing(turn, thing);
  const [head] = turn.executions.pending(thing);
  if (head === undefined || head.status === "IN_PROGRESS") return head;
  return turn.change(head, {
    status: "IN_PROGRESS",
    details: request.statusDetails,
    ...timing(turn, head, request),
  });
}

/** @param jobId `$next` for the first pending one, of which there may be none. @throws {IotError} */
export function describeExecution(
  turn: Turn,
  thing: string,
  jobId: string,
  number: number | undefined,
): Execution | undefined {
  requireThing(turn, thing);
  if (jobId === "$next") return turn.executions.pending(thing)[0];
  const execution = findExecution(turn, thing, jobId, number);
  if (isPending(execution)) return execution;
  throw new IotError("TerminalStateReached", `the execution is ${execution.status}`);
}

/**
 * What a device reports. Which of two reasons AWS names first where the version is wrong and the execution has ended is not known; both
 * come with the state.
 *
 * @throws {IotError}
 */
export function updateExecution(turn: Turn, thing: string, jobId: string, request: UpdateRequest): Execution {
  requireThing(turn, thing);
  const execution = findExecution(turn, thing, jobId, request.executionNumber);
  const state = { executionState: executionState(execution) };
  if (request.expectedVersion !== undefined && request.expectedVersion !== execution.version) {
    const message = `expected version ${request.expectedVersion}, and it is ${execution.version}`;
    throw new IotError("VersionMismatch", message, state);
  }
  const status = REPORTED_STATUSES.find((each) => each === request.status);
  if (status === undefined || !isPending(execution)) {
    const message = `an execution that is ${execution.status} does not become ${request.status}`;
    throw new IotError("InvalidStateTransition", message, state);
  }
  return turn.change(execution, {
    status,
    details: request.statusDetails,
    ...timing(turn, execution, request),
  });
}

/** Those in progress, and those queued. */
export function pendingExecutions(turn: Turn, thing: string) {
  requireThing(turn, thing);
  const pending = turn.executions.pending(thing);
  return {
    inProgress: pending.filter(({ status }) => status === "IN_PROGRESS"),
    queued: pending.filter(({ status }) => status === "QUEUED"),
  };
}

export function documentOf(turn: Turn, { jobId }: Execution): string {
  return turn.jobs.get(jobId)?.document ?? "null";
}

/** @throws {IotError} */
export function findExecution(
  turn: Turn,
  thing: string,
  jobId: string,
  number: number | undefined,
): Execution {
  const { executions } = turn;
  const found =
    number === undefined ? executions.latest(jobId, thing) : executions.numbered(jobId, thing, number);
  if (found === undefined) {
    const which = number === undefined ? "" : ` number ${number}`;
    throw new IotError("ResourceNotFound", `job ${jobId} has no execution${which} on ${thing}`);
  }
  return found;
}

function timing(turn: Turn, execution: Execution, request: Pick<UpdateRequest, "stepTimeoutInMinutes">) {
  return {
    stepTimeoutMinutes: request.stepTimeoutInMinutes,
    progressMinutes: turn.jobs.get(execution.jobId)?.config.timeoutConfig?.inProgressTimeoutInMinutes,
  };
}

function requireThing({ registry }: Turn, thing: string): void {
  if (!registry.hasThing(thing)) throw new IotError("ResourceNotFound", `there is no thing ${thing}`);
}
