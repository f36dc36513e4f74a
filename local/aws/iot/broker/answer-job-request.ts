import * as v from "valibot";
import type { FaultsInForce } from "../faults.ts";
import { IotError } from "../iot-error.ts";
import {
  describeExecution,
  documentOf,
  pendingExecutions,
  startNext,
  updateExecution,
} from "../jobs/device-commands.ts";
import type { JobEngine, Turn } from "../jobs/engine.ts";
import { executionData, executionState, summaryOf } from "../jobs/messages.ts";
import { DescribeRequest, parseRequest, StartNextRequest, UpdateRequest } from "../jobs/requests.ts";
import type { JobTopic } from "./job-topic.ts";

/** What goes to `<topic>/accepted` or `<topic>/rejected`. */
export type JobReply = { accepted: boolean; payload: Record<string, unknown> };

type AnswerOptions = {
  clock: () => number;
  faults: FaultsInForce;
  onFault?: ((error: unknown) => void) | undefined;
};

const JsonObject = v.pipe(
  v.record(v.string(), v.unknown()),
  v.check((value) => !Array.isArray(value)),
);
const ClientToken = v.pipe(v.string(), v.maxLength(64));

/** What a policy of the data plane calls the commands, by which faults are put in force. */
const ACTIONS = {
  get: "iotjobsdata:GetPendingJobExecutions",
  "start-next": "iotjobsdata:StartNextPendingJobExecution",
  describe: "iotjobsdata:DescribeJobExecution",
  update: "iotjobsdata:UpdateJobExecution",
};

/**
 * Answers a message on one of Jobs' reserved topics, whatever its payload is. A payload of no bytes is an empty request, as the clients of
 * the embedded SDK send it. Undefined for a reply that is lost.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/jobs-mqtt-api.html
 */
export function answerJobRequest(
  engine: JobEngine,
  topic: JobTopic,
  payload: Buffer,
  { clock, faults, onFault }: AnswerOptions,
): JobReply | undefined {
  let token: { clientToken?: string } = {};
  const timestamp = Math.floor(clock() / 1000);
  try {
    if (topic.command === "unknown")
      throw new IotError("InvalidTopic", `${topic.thing} has no such topic of Jobs`);
    const input = readPayload(payload);
    if (v.is(ClientToken, input.clientToken)) token = { clientToken: input.clientToken };
    const lost = faults.meet(ACTIONS[topic.command]);
    const members = engine.perform((turn) => run(turn, topic, input));
    return lost ? undefined : { accepted: true, payload: { ...members, timestamp, ...token } };
  } catch (error) {
    return { accepted: false, payload: { ...refusal(error, onFault), timestamp, ...token } };
  }
}

function refusal(error: unknown, onFault: AnswerOptions["onFault"]): Record<string, unknown> {
  if (!(error instanceof IotError)) {
    onFault?.(error);
    return { code: "InternalError", message: "internal error" };
  }
  const { fault, message, members } = error;
  return { code: fault === "ServiceUnavailable" ? "InternalError" : fault, message, ...members };
}

function run(
  turn: Turn,
  topic: Exclude<JobTopic, { command: "unknown" }>,
  input: Record<string, unknown>,
): Record<string, unknown> {
  const { thing } = topic;
  switch (topic.command) {
    case "get": {
      const { inProgress, queued } = pendingExecutions(turn, thing);
      return { inProgressJobs: inProgress.map(summaryOf), queuedJobs: queued.map(summaryOf) };
    }
    case "start-next": {
      const execution = startNext(turn, thing, parseRequest(StartNextRequest, input));
      return execution === undefined
        ? {}
        : {
            execution: { ...executionData(execution), jobDocument: JSON.parse(documentOf(turn, execution)) },
          };
    }
    case "describe": {
      const request = parseRequest(DescribeRequest, input);
      const execution = describeExecution(turn, thing, topic.jobId, request.executionNumber);
      if (execution === undefined) return {};
      const document =
        request.includeJobDocument === false ? {} : { jobDocument: JSON.parse(documentOf(turn, execution)) };
      return { execution: { ...executionData(execution), ...document } };
    }
    case "update": {
      const request = parseRequest(UpdateRequest, input);
      const execution = updateExecution(turn, thing, topic.jobId, request);
      return {
        ...(request.includeJobExecutionState === true ? { executionState: executionState(execution) } : {}),
        ...(request.includeJobDocument === true
          ? { jobDocument: JSON.parse(documentOf(turn, execution)) }
          : {}),
      };
    }
  }
}

/** @throws {IotError} */
function readPayload(payload: Buffer): Record<string, unknown> {
  if (payload.length === 0) return {};
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    throw new IotError("InvalidJson", "the payload is not JSON in UTF-8");
  }
  if (!v.is(JsonObject, json)) throw new IotError("InvalidRequest", "the payload is not a JSON object");
  return json;
}
