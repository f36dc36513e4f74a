import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { recipientOf } from "../../cloud/recipient.ts";
import type { FolderView } from "../api.ts";
import type { World } from "../world.ts";

const ENTRIES = 100;

/** A page of what the bucket has below a prefix, as far as the next slash. @param after what S3 called the rest of the list */
export async function folderView(
  { bucket, deployment }: Pick<World, "bucket" | "deployment">,
  prefix: string,
  after: string | undefined,
  signal: AbortSignal,
): Promise<FolderView> {
  const command = new ListObjectsV2Command({
    ...{ Bucket: bucket.bucket, Prefix: prefix, Delimiter: "/", MaxKeys: ENTRIES },
    ...(after === undefined ? {} : { ContinuationToken: after }),
  });
  const listed = await bucket.client.send(command, { abortSignal: signal });
  const { Contents = [], CommonPrefixes = [], NextContinuationToken } = listed;
  return {
    prefix,
    folders: CommonPrefixes.flatMap(({ Prefix }) => Prefix ?? []),
    files: Contents.map(({ Key = "", Size = 0, LastModified }) => ({
      ...{ key: Key, bytes: Size, at: LastModified?.getTime() ?? 0 },
      ...recipientOf(Key, deployment.outputs.DefaultTarget),
    })),
    ...(NextContinuationToken === undefined ? {} : { next: NextContinuationToken }),
  };
}
