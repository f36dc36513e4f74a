import { DeleteObjectCommand, HeadObjectCommand, NotFound } from "@aws-sdk/client-s3";
import type { FilesBucket } from "./files-bucket.ts";

/** Whether a key holds a file now. */
export async function holdsFile(
  { client, bucket }: FilesBucket,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

/** Puts a delete marker on a key: its versions stay. */
export async function deleteFile(
  { client, bucket }: FilesBucket,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
}
