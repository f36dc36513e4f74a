import * as v from "valibot";
import type { LifecycleRule } from "../aws/s3/store/lifecycle.ts";

/** Strict throughout: a rule that is carried out only in part would delete too much or too little. */
const Rule = v.strictObject({
  Id: v.optional(v.string()),
  Status: v.picklist(["Enabled", "Disabled"]),
  Prefix: v.optional(v.string(), ""),
  ExpirationInDays: v.optional(v.number()),
  ExpiredObjectDeleteMarker: v.optional(v.boolean()),
  NoncurrentVersionExpiration: v.optional(
    v.strictObject({ NoncurrentDays: v.number(), NewerNoncurrentVersions: v.optional(v.number()) }),
  ),
  AbortIncompleteMultipartUpload: v.optional(v.strictObject({ DaysAfterInitiation: v.number() })),
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-rule.html */
export const LifecycleRules = v.pipe(
  v.array(Rule),
  v.transform((rules) => rules.map(ruleOf)),
);

/** In the terms of the local S3. */
function ruleOf(rule: v.InferOutput<typeof Rule>, index: number): LifecycleRule {
  return {
    id: rule.Id ?? `rule-${index + 1}`,
    enabled: rule.Status === "Enabled",
    prefix: rule.Prefix,
    expireAfterDays: rule.ExpirationInDays,
    expireDeleteMarkers: rule.ExpiredObjectDeleteMarker,
    expireNoncurrentAfterDays: rule.NoncurrentVersionExpiration?.NoncurrentDays,
    keepNoncurrent: rule.NoncurrentVersionExpiration?.NewerNoncurrentVersions,
    abortUploadsAfterDays: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
  };
}
