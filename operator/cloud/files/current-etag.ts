import { HeadObjectCommand, NotFound } from "@aws-sdk/client-s3";
import type { FilesBucket } from "./files-bucket.ts";

/** The ETag of what a key holds, without quotes; undefined if that is nothing. */
export async function currentEtag(
  { client, bucket }: FilesBucket,
  key: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal: signal,
    });
    return ETag?.replaceAll('"', "");
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}
