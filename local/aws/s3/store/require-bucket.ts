import { S3Error } from "../s3-error.ts";
import type { Bucket } from "./buckets.ts";
import type { Store } from "./store.ts";

/** @throws {S3Error} `NoSuchBucket` */
export function requireBucket(store: Store, name: string): Bucket {
  const bucket = store.buckets.find(name);
  if (bucket === undefined) {
    throw new S3Error("NoSuchBucket", undefined, { details: { BucketName: name } });
  }
  return bucket;
}
