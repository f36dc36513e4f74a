import * as v from "valibot";
import type { Operations } from "../aws-json/operation.ts";
import { parseInput } from "../aws-json/parse-input.ts";
import { BatchInput, runBatch } from "./batch.ts";
import type { LocalQueue } from "./queue.ts";
import { queueOperation } from "./queue-operation.ts";
import type { Queues } from "./queues.ts";
import { sqsError } from "./sqs-errors.ts";

const ReceiptInput = v.object({ ReceiptHandle: v.string() });

const VisibilityInput = v.object({
  ReceiptHandle: v.string(),
  VisibilityTimeout: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(43_200)),
});

const Receipt = v.pipe(v.string(), v.uuid());

/** Deletes messages that were received, and changes their visibility. */
export function acknowledgeOperations(queues: Queues): Operations {
  return {
    "AmazonSQS.DeleteMessage": queueOperation(queues, "DeleteMessage", ReceiptInput, remove),
    "AmazonSQS.DeleteMessageBatch": queueOperation(queues, "DeleteMessage", BatchInput, (queue, input) =>
      runBatch(input.Entries, (entry) => remove(queue, parseInput(ReceiptInput, entry))),
    ),
    "AmazonSQS.ChangeMessageVisibility": queueOperation(
      queues,
      "ChangeMessageVisibility",
      VisibilityInput,
      changeVisibility,
    ),
    "AmazonSQS.ChangeMessageVisibilityBatch": queueOperation(
      queues,
      "ChangeMessageVisibility",
      BatchInput,
      (queue, input) =>
        runBatch(input.Entries, (entry) => changeVisibility(queue, parseInput(VisibilityInput, entry))),
    ),
  };
}

/** SQS says nothing of a receipt that is no longer valid; the message merely stays. */
function remove(queue: LocalQueue, { ReceiptHandle }: v.InferOutput<typeof ReceiptInput>): void {
  checkReceipt(ReceiptHandle);
  queue.delete(ReceiptHandle);
}

function changeVisibility(
  queue: LocalQueue,
  { ReceiptHandle, VisibilityTimeout }: v.InferOutput<typeof VisibilityInput>,
): void {
  checkReceipt(ReceiptHandle);
  if (!queue.changeVisibility(ReceiptHandle, VisibilityTimeout)) {
    throw sqsError("MessageNotInflight", "The message is not in flight under this receipt handle.");
  }
}

function checkReceipt(receiptHandle: string): void {
  if (!v.is(Receipt, receiptHandle)) {
    throw sqsError("ReceiptHandleIsInvalid", "The input receipt handle is not a valid receipt handle.");
  }
}
