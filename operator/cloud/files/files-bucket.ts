import { S3Client } from "@aws-sdk/client-s3";
import { clientConfig } from "../client-config.ts";
import { type Deployment, outputOf } from "../deployment.ts";

/** The bucket that files are dropped into, and a client for it. Dispose of it to close its connections. */
export type FilesBucket = { client: S3Client; bucket: string } & Disposable;

export function openFilesBucket(deployment: Deployment): FilesBucket {
  const bucket = outputOf(deployment, "FilesBucketName");
  // The local stack's certificate has no names for its buckets.
  const client = new S3Client({ ...clientConfig(deployment.s3), forcePathStyle: deployment.local });
  return { client, bucket, [Symbol.dispose]: () => client.destroy() };
}
