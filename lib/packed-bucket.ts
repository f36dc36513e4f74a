import { Duration } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { createPrivateBucket } from "./private-bucket.ts";

/**
 * How long a form of a content is kept. Files stay current for months, and devices come back after months; one that finds nothing takes the
 * next best [NF-10.6]. What is kept is less than the files themselves.
 */
const KEPT_DAYS = 180;

/** The forms in which contents travel, besides the whole files. The notifier makes them, the server serves them. */
export class PackedBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = createPrivateBucket(this, "PackedBucket", {
      // What else the notifier keeps here, which contents a key had, has no end: a file that rarely changes is patched as well.
      lifecycleRules: ["zstd", "patch", "attempts"].map((folder) => ({
        id: folder,
        prefix: `${folder}/`,
        expiration: Duration.days(KEPT_DAYS),
      })),
    });
  }
}
