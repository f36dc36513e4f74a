import type { Operations } from "../aws-json/operation.ts";
import { acknowledgeOperations } from "./acknowledge-operations.ts";
import { describeOperations } from "./describe-operations.ts";
import type { Queues } from "./queues.ts";
import { receiveOperation } from "./receive-operation.ts";
import { sendOperations } from "./send-operations.ts";

/** The SQS API over `queues`; https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ */
export function sqsOperations(queues: Queues): Operations {
  return {
    ...sendOperations(queues),
    ...receiveOperation(queues),
    ...acknowledgeOperations(queues),
    ...describeOperations(queues),
  };
}
