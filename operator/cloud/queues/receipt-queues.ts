import type { Deployment } from "../deployment.ts";
import { type FileQueues, openQueues } from "./file-queues.ts";

/** The queue of receipts of AWS IoT's things, and where those end that could not be recorded; undefined where the deployment has no things. */
export function openReceiptQueues(deployment: Deployment): FileQueues | undefined {
  if (deployment.outputs.ThingReceiptDeadLetterQueueUrl === undefined) return undefined;
  return openQueues(deployment, "ThingReceiptQueueUrl", "ThingReceiptDeadLetterQueueUrl");
}
