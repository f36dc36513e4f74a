import * as v from "valibot";
import { compilePolicy } from "../../iam/evaluate-policy.ts";
import { PolicyError, PolicyStatement } from "../../iam/policy-statement.ts";
import { NO_CONTENT } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import type { BucketSettings } from "../store/buckets.ts";
import { bucketConfiguration } from "./bucket-configuration.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
export const bucketPolicy = bucketConfiguration({
  root: "Policy",
  actions: { get: "s3:GetBucketPolicy", put: "s3:PutBucketPolicy", delete: "s3:DeleteBucketPolicy" },
  missing: "NoSuchBucketPolicy",
  stored: NO_CONTENT,
  contentType: "application/json",
  apply: (document, bucket) => ({ policy: document === undefined ? [] : readPolicy(document, bucket) }),
  render: ({ policy }) =>
    policy.length === 0 ? undefined : JSON.stringify({ Version: "2012-10-17", Statement: policy }),
});

const PolicyDocument = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    Version: v.optional(v.string()),
    Id: v.optional(v.string()),
    Statement: v.union([
      v.array(PolicyStatement),
      v.pipe(
        PolicyStatement,
        v.transform((statement) => [statement]),
      ),
    ]),
  }),
);

/** @throws {S3Error} `MalformedPolicy`, also for a statement about something other than this bucket and its objects. */
function readPolicy(document: string, bucket: string): BucketSettings["policy"] {
  try {
    const { Statement } = v.parse(PolicyDocument, document);
    compilePolicy(Statement, "resource");
    const arn = `arn:aws:s3:::${bucket}`;
    const resources = Statement.flatMap(({ Resource, NotResource }) =>
      [Resource ?? NotResource ?? []].flat(),
    );
    if (resources.some((resource) => resource !== arn && !resource.startsWith(`${arn}/`))) {
      throw new PolicyError("Policy has invalid resource");
    }
    return Statement;
  } catch (cause) {
    throw new S3Error("MalformedPolicy", cause instanceof Error ? cause.message : undefined, { cause });
  }
}
