import type { Duration } from "aws-cdk-lib";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { createKeptQueue } from "./kept-queue.ts";

/**
 * Before step 5: here wait the receipts of AWS IoT's things. One that cannot be recorded comes again after the queue's visibility time-out,
 * three minutes, for two days; that leaves twelve to have the dead letters moved back.
 */
export class ReceiptQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { consumerTimeout }: { consumerTimeout: Duration }) {
    super(scope, id);
    const ids = { queue: "ThingReceiptQueue", deadLetters: "ThingReceiptDeadLetterQueue" };
    ({ queue: this.queue, deadLetters: this.deadLetters } = createKeptQueue(this, ids, consumerTimeout));
  }
}
