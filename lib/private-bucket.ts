import { Validations } from "aws-cdk-lib";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { fixLogicalId } from "./logical-id.ts";
import { WHEN_THE_STACK_GOES } from "./removal.ts";

/** A bucket that is private, asks for TLS, encrypts, and outlives the stack. */
export function createPrivateBucket(scope: Construct, logicalId: string, props: BucketProps): Bucket {
  const bucket = new Bucket(scope, "Bucket", {
    ...props,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: WHEN_THE_STACK_GOES.data,
  });
  fixLogicalId(bucket, logicalId);
  if (props.serverAccessLogsBucket === undefined)
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "Access logs need a second bucket and come hours late: the setting accessLogs has them, for the files. CloudTrail data events show every access to those who want to pay for them.",
    });
  return bucket;
}
