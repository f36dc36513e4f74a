import * as v from "valibot";
import type { PolicyStatement } from "../aws/iam/policy-statement.ts";
import type { CorsRule } from "../aws/s3/store/buckets.ts";
import type { LifecycleRule } from "../aws/s3/store/lifecycle.ts";
import { TemplateError } from "./intrinsics.ts";
import { LifecycleRules } from "./lifecycle-rules.ts";
import { PolicyDocument } from "./policies.ts";
import { type ResolvedResource, readResources } from "./resource-reader.ts";

const FilterRule = v.object({ Name: v.picklist(["prefix", "suffix"]), Value: v.string() });

const QueueConfiguration = v.object({
  Event: v.string(),
  Queue: v.string(),
  Filter: v.optional(v.object({ S3Key: v.object({ Rules: v.array(FilterRule) }) })),
});

const Cors = v.pipe(
  v.strictObject({
    Id: v.optional(v.string()),
    AllowedOrigins: v.array(v.string()),
    AllowedMethods: v.array(v.string()),
    AllowedHeaders: v.optional(v.array(v.string()), []),
    ExposedHeaders: v.optional(v.array(v.string()), []),
    MaxAge: v.optional(v.number()),
  }),
  v.transform((rule) => ({
    origins: rule.AllowedOrigins,
    methods: rule.AllowedMethods,
    headers: rule.AllowedHeaders,
    expose: rule.ExposedHeaders,
    maxAgeSeconds: rule.MaxAge,
  })),
);

/**
 * Strict: what is not carried out here, such as a notification to something that does not run, must not be dropped
 * silently.
 */
const BucketProperties = v.strictObject({
  VersioningConfiguration: v.optional(v.object({ Status: v.picklist(["Enabled", "Suspended"]) })),
  NotificationConfiguration: v.optional(
    v.strictObject({ QueueConfigurations: v.optional(v.array(QueueConfiguration), []) }),
  ),
  LifecycleConfiguration: v.optional(v.strictObject({ Rules: LifecycleRules })),
  CorsConfiguration: v.optional(v.strictObject({ CorsRules: v.array(Cors) })),
  // Nothing here is encrypted, public, owned by others or billed.
  BucketEncryption: v.optional(v.unknown()),
  PublicAccessBlockConfiguration: v.optional(v.unknown()),
  OwnershipControls: v.optional(v.unknown()),
  Tags: v.optional(v.unknown()),
});

const BucketPolicy = v.object({ Bucket: v.string(), PolicyDocument });

/** A bucket of the template; `notifications` go to queues, by ARN. */
export type BucketDeployment = {
  id: string;
  name: string;
  versioning: boolean;
  notifications: { targetArn: string; events: string[]; prefix?: string; suffix?: string }[];
  cors: CorsRule[];
  lifecycle: LifecycleRule[];
  policy: PolicyStatement[];
};

/**
 * The buckets, each with its own policy.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
 */
export function readBuckets(resources: readonly ResolvedResource[]): BucketDeployment[] {
  const buckets = readResources(resources, "AWS::S3::Bucket", BucketProperties);
  const policies = readResources(resources, "AWS::S3::BucketPolicy", BucketPolicy);
  const astray = policies.find(({ properties }) => !buckets.some(({ ref }) => ref === properties.Bucket));
  if (astray !== undefined) {
    throw new TemplateError(`${astray.id}: the template has no bucket ${astray.properties.Bucket}`);
  }
  return buckets.map(({ id, ref, properties }) => ({
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
    cors: properties.CorsConfiguration?.CorsRules ?? [],
    lifecycle: properties.LifecycleConfiguration?.Rules ?? [],
    policy: policies
      .filter((policy) => policy.properties.Bucket === ref)
      .flatMap((policy) => policy.properties.PolicyDocument.Statement),
  }));
}
