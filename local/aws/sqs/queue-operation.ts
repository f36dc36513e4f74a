import * as v from "valibot";
import type { Operation } from "../aws-json/operation.ts";
import { parseInput } from "../aws-json/parse-input.ts";
import type { LocalQueue } from "./queue.ts";
import { type Queues, UnknownQueue } from "./queues.ts";
import { sqsError } from "./sqs-errors.ts";

const HasQueueUrl = v.object({ QueueUrl: v.string() });

/** An operation on the queue that `QueueUrl` names; `run` gets its parsed input. */
export function queueOperation<const S extends v.GenericSchema>(
  queues: Queues,
  action: string,
  schema: S,
  run: (queue: LocalQueue, input: v.InferOutput<S>, signal: AbortSignal) => unknown,
): Operation {
  const find = (input: unknown) => queueByUrl(queues, parseInput(HasQueueUrl, input).QueueUrl);
  return {
    action: `sqs:${action}`,
    resource: (input) => find(input).settings.arn,
    run: (input, signal) => run(find(input), parseInput(schema, input), signal),
  };
}

/** The host in the URL does not matter: the caller has reached us. @throws {AwsError} */
function queueByUrl(queues: Queues, url: string): LocalQueue {
  return queueByName(queues, URL.parse(url)?.pathname.split("/").at(-1) ?? "");
}

/** @throws {AwsError} */
export function queueByName(queues: Queues, name: string): LocalQueue {
  try {
    return queues.get(name);
  } catch (error) {
    if (!(error instanceof UnknownQueue)) throw error;
    throw sqsError("QueueDoesNotExist", "The specified queue does not exist.");
  }
}
