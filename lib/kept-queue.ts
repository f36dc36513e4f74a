import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { fixLogicalId } from "./logical-id.ts";

/** The most that SQS counts before it puts a message among the dead letters. */
export const MAX_RECEIVES = 1000;

export type KeptQueue = { queue: Queue; deadLetters: Queue };

/** A queue that loses nothing: what cannot be done is tried for as long as SQS counts, and then kept among the dead letters. */
export function createKeptQueue(
  scope: Construct,
  ids: { queue: string; deadLetters: string },
  /** Time-out of the function that takes from it. */
  consumerTimeout: Duration,
): KeptQueue {
  const kept = {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14), // the longest that SQS offers
  };
  const deadLetters = new Queue(scope, "DeadLetters", kept);
  const queue = new Queue(scope, "Queue", {
    ...kept,
    // Six times the time-out, so that Lambda can retry a throttled call before the message shows again.
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    visibilityTimeout: Duration.seconds(6 * consumerTimeout.toSeconds()),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
  });
  fixLogicalId(deadLetters, ids.deadLetters);
  fixLogicalId(queue, ids.queue);
  return { queue, deadLetters };
}
