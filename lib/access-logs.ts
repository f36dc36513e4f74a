import { Duration } from "aws-cdk-lib";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { createPrivateBucket } from "./private-bucket.ts";

/** Who asked S3 for what, of the files bucket: S3 itself writes it, within hours and as well as it can. */
export class AccessLogs extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, { keptDays }: { keptDays: number }) {
    super(scope, id);
    this.bucket = createPrivateBucket(this, "AccessLogsBucket", {
      lifecycleRules: [{ id: "old", expiration: Duration.days(keptDays) }],
    }) as IBucket; // a Bucket is one, but for how an optional member is typed
  }
}
