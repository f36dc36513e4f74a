import { ListObjectsV2Command, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import type { FilesBucket } from "./files-bucket.ts";

/** S3's bound on a page. */
const PAGE = 1000;

/** Keys that begin with `prefix`, as far as the next slash, at most so many. */
export async function listFolder(
  { client, bucket }: FilesBucket,
  prefix: string,
  most: number,
  signal: AbortSignal,
): Promise<string[]> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: "/", MaxKeys: most });
  return namesIn(await client.send(command, { abortSignal: signal }));
}

/** The same of all that the bucket keeps versions of, also of keys that hold nothing now; as far as one page tells. */
export async function listPastFolder(
  { client, bucket }: FilesBucket,
  prefix: string,
  signal: AbortSignal,
): Promise<string[]> {
  const command = new ListObjectVersionsCommand({
    ...{ Bucket: bucket, Prefix: prefix, Delimiter: "/", MaxKeys: PAGE },
  });
  const { Versions = [], CommonPrefixes = [] } = await client.send(command, { abortSignal: signal });
  return [...new Set(namesIn({ Contents: Versions, CommonPrefixes }))];
}

type Listed = {
  Contents?: { Key?: string | undefined }[] | undefined;
  CommonPrefixes?: { Prefix?: string | undefined }[] | undefined;
};

function namesIn({ Contents = [], CommonPrefixes = [] }: Listed): string[] {
  return [...CommonPrefixes.map(({ Prefix = "" }) => Prefix), ...Contents.map(({ Key = "" }) => Key)].sort();
}
