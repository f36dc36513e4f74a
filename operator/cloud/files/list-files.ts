import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { FilesBucket } from "./files-bucket.ts";

/** A file of the bucket; `at` is when it was uploaded, as an ISO date. */
export type ListedFile = { key: string; bytes: number; at: string; etag: string };

/** The files whose keys begin with `prefix`, in the order of their keys, a page of at most 1000 at a time. */
export async function* listFiles(
  { client, bucket }: FilesBucket,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedFile[]> {
  const pages = paginateListObjectsV2(
    { client },
    { Bucket: bucket, Prefix: prefix },
    { abortSignal: signal },
  );
  for await (const { Contents = [] } of pages) {
    yield Contents.map(({ Key = "", Size = 0, LastModified, ETag = "" }) => ({
      key: Key,
      bytes: Size,
      at: LastModified?.toISOString() ?? "",
      etag: ETag.replaceAll('"', ""),
    }));
  }
}
