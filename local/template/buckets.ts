import * as v from "valibot";
import type { ResolvedResource } from "./deployment.ts";
import { readResources } from "./resource-reader.ts";

const FilterRule = v.object({ Name: v.picklist(["prefix", "suffix"]), Value: v.string() });

const QueueConfiguration = v.object({
  Event: v.string(),
  Queue: v.string(),
  Filter: v.optional(v.object({ S3Key: v.object({ Rules: v.array(FilterRule) }) })),
});

const BucketProperties = v.object({
  VersioningConfiguration: v.optional(v.object({ Status: v.picklist(["Enabled", "Suspended"]) })),
  NotificationConfiguration: v.optional(
    // Strict: a target that is not run here would lose its events without a word.
    v.strictObject({ QueueConfigurations: v.optional(v.array(QueueConfiguration), []) }),
  ),
});

/** A bucket of the template; `notifications` go to queues, by ARN. */
export type BucketDeployment = {
  id: string;
  name: string;
  versioning: boolean;
  notifications: { targetArn: string; events: string[]; prefix?: string; suffix?: string }[];
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
export function readBuckets(resources: readonly ResolvedResource[]): BucketDeployment[] {
  return readResources(resources, "AWS::S3::Bucket", BucketProperties).map(({ id, ref, properties }) => ({
    id,
    name: ref,
    versioning: properties.VersioningConfiguration?.Status === "Enabled",
    notifications: (properties.NotificationConfiguration?.QueueConfigurations ?? []).map((configuration) => ({
      targetArn: configuration.Queue,
      events: [configuration.Event],
      ...Object.fromEntries(
        (configuration.Filter?.S3Key.Rules ?? []).map((rule) => [rule.Name, rule.Value] as const),
      ),
    })),
  }));
}
