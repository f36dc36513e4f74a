import { HeadObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { packedKey } from "../../../protocol/packed.ts";
import type { Deployment } from "../deployment.ts";
import type { FilesBucket } from "./files-bucket.ts";

/**
 * Bytes of a content's zstd frame; undefined if there is none, or S3 does not let us see it: a device then fetches the whole file. [NF-10.2]
 */
export async function packedBytes(
  { client }: FilesBucket,
  { outputs }: Deployment,
  sha256: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const Bucket = outputs.PackedBucketName; // which an older deployment lacks
  if (Bucket === undefined) return undefined;
  try {
    const command = new HeadObjectCommand({ Bucket, Key: packedKey({ sha256 }) });
    return (await client.send(command, { abortSignal: signal })).ContentLength;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof S3ServiceException) return undefined;
    throw error;
  }
}
