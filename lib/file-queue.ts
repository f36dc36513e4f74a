import { Aws, CfnResource, type Duration } from "aws-cdk-lib";
import { CfnRule } from "aws-cdk-lib/aws-events";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { createKeptQueue } from "./kept-queue.ts";

export type FileQueueProps = {
  /** Whose new objects are queued. */
  files: Bucket;
  /** Time-out of the function that takes from the queue. */
  consumerTimeout: Duration;
};

/**
 * Between steps 1 and 2: here the events of the bucket wait to be announced. Notehub may be away for ten days, retried every 15 minutes, and
 * three are left to redrive the dead letters. The notifier itself sends there what can never succeed. [NF-8.5]
 */
export class FileQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { files, consumerTimeout }: FileQueueProps) {
    super(scope, id);
    const ids = { queue: "FileQueue", deadLetters: "DeadLetterQueue" };
    ({ queue: this.queue, deadLetters: this.deadLetters } = createKeptQueue(this, ids, consumerTimeout));
    this.notifyOf(files);
    this.sweepDaily();
  }

  /** What events told is compared with the bucket once a day. [NF-11.14] The library's target would let the rule ask for more than to send. */
  private sweepDaily(): void {
    const rule = new CfnRule(this, "Sweep", {
      description: "Has the notifier compare what fleets were told with what the bucket holds",
      scheduleExpression: "rate(1 day)",
      state: "ENABLED",
      targets: [{ id: "FileQueue", arn: this.queue.queueArn, input: JSON.stringify({ sweep: {} }) }],
    });
    rule.overrideLogicalId("SweepRule");
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("events.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [this.queue.queueArn],
        conditions: { ArnEquals: { "aws:SourceArn": rule.attrArn } },
      }),
    );
  }

  /**
   * The bucket's own NotificationConfiguration: `addEventNotification` would deploy a function of CDK's to set it.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
   */
  private notifyOf(files: Bucket): void {
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("s3.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [this.queue.queueArn],
        // Not the bucket's ARN: bucket, queue policy and queue would wait for each other.
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    );
    const bucket = files.node.defaultChild;
    const policy = this.queue.node.findChild("Policy").node.defaultChild;
    if (!(bucket instanceof CfnBucket) || !CfnResource.isCfnResource(policy)) {
      throw new Error("the files bucket and the queue's policy must belong to this stack");
    }
    bucket.notificationConfiguration = {
      // What was removed or has expired is a reason to look what the key holds since. [NF-8.6]
      queueConfigurations: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"].map(
        (event) => ({ event, queue: this.queue.queueArn }),
      ),
    };
    bucket.addResourceDependency(policy); // S3 sends a test message, and refuses the configuration if it may not
  }
}
