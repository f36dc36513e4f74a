import * as v from "valibot";
import { type ResolvedResource, readResources } from "./resource-reader.ts";

const Seconds = v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.number(), v.minValue(0));

const QueueProperties = v.object({
  VisibilityTimeout: v.optional(Seconds, 30),
  MessageRetentionPeriod: v.optional(Seconds, 345_600),
  DelaySeconds: v.optional(Seconds, 0),
  RedrivePolicy: v.optional(
    v.object({ deadLetterTargetArn: v.string(), maxReceiveCount: v.pipe(v.number(), v.minValue(1)) }),
  ),
});

/** A queue of the template; times in seconds, defaults as CloudFormation's. */
export type QueueDeployment = {
  id: string;
  name: string;
  url: string;
  arn: string;
  visibilityTimeoutSeconds: number;
  retentionSeconds: number;
  delaySeconds: number;
  redrive: { deadLetterTargetArn: string; maxReceiveCount: number } | undefined;
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html */
export function readQueues(
  resources: readonly ResolvedResource[],
  arnOf: (id: string) => string,
): QueueDeployment[] {
  return readResources(resources, "AWS::SQS::Queue", QueueProperties).map(({ id, ref, properties }) => ({
    id,
    name: id,
    url: ref,
    arn: arnOf(id),
    visibilityTimeoutSeconds: properties.VisibilityTimeout,
    retentionSeconds: properties.MessageRetentionPeriod,
    delaySeconds: properties.DelaySeconds,
    redrive: properties.RedrivePolicy,
  }));
}
