import { Duration } from "aws-cdk-lib";
import type { Bucket, IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { createPrivateBucket } from "./private-bucket.ts";

/** Step 1, upload: the bucket that files are dropped into. */
export class FileBucket extends Construct {
  readonly bucket: Bucket;

  /** @param props.accessLogs who asked for what is written there */
  constructor(scope: Construct, id: string, { accessLogs }: { accessLogs?: IBucket | undefined } = {}) {
    super(scope, id);
    this.bucket = createPrivateBucket(this, "FilesBucket", {
      ...(accessLogs === undefined
        ? {}
        : { serverAccessLogsBucket: accessLogs, serverAccessLogsPrefix: "files/" }),
      versioned: true, // a chunk request for a version must not meet half of the next one, and old versions are the way back
      lifecycleRules: [
        { id: "unfinished-uploads", abortIncompleteMultipartUploadAfter: Duration.days(7) },
        // The last three replaced versions stay whatever their age: enough to go back to.
        {
          id: "replaced-versions",
          noncurrentVersionExpiration: Duration.days(90),
          noncurrentVersionsToRetain: 3,
        },
        { id: "deleted-files", expiredObjectDeleteMarker: true },
      ],
    });
  }
}
