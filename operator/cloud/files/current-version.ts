import { HeadObjectCommand, NotFound } from "@aws-sdk/client-s3";
import type { FilesBucket } from "./files-bucket.ts";

/** What a key holds; the ETag without quotes. Undefined if that is nothing. */
export async function currentVersion(
  { client, bucket }: FilesBucket,
  key: string,
  signal: AbortSignal,
): Promise<{ versionId: string; etag: string | undefined } | undefined> {
  try {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const { ETag, VersionId = "null" } = await client.send(command, { abortSignal: signal });
    return { versionId: VersionId, etag: ETag?.replaceAll('"', "") };
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}
