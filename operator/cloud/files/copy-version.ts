import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { SHARE_METADATA } from "../../../protocol/share.ts";
import type { FilesBucket } from "./files-bucket.ts";

const MIB = 1024 ** 2;

export type CopySizes = {
  /** Bytes above which a copy is made in parts: one request for more may outlast a connection. */
  whole: number;
  /** Bytes of a part; S3 takes 10,000 of them. */
  part: number;
};

const SIZES: CopySizes = { whole: 256 * MIB, part: 256 * MIB };

/**
 * Copies an older version of a key over it, within S3: nothing passes through here. The share that it once had stays behind: what is gone
 * back to is for the whole fleet, and each release has a share of its own. [NF-11.8]
 *
 * @returns the id of the version that this makes.
 */
export async function copyVersion(
  files: FilesBucket,
  { key, versionId, bytes }: { key: string; versionId: string; bytes: number },
  signal: AbortSignal,
  sizes = SIZES,
): Promise<string> {
  const { client, bucket } = files;
  const CopySource = `${bucket}/${encodeURIComponent(key)}?versionId=${encodeURIComponent(versionId)}`;
  if (bytes > sizes.whole)
    return await copyInParts(files, { key, versionId, bytes, CopySource }, signal, sizes);
  const object = { Bucket: bucket, Key: key };
  const { Metadata, ...described } = await describe(files, key, versionId, signal);
  const isShared = Metadata !== undefined && SHARE_METADATA in Metadata;
  const replaced = isShared
    ? { MetadataDirective: "REPLACE" as const, ...described, Metadata: unshared(Metadata) }
    : {};
  const reply = await client.send(new CopyObjectCommand({ ...object, CopySource, ...replaced }), {
    abortSignal: signal,
  });
  return reply.VersionId ?? "null";
}

async function copyInParts(
  files: FilesBucket,
  {
    key,
    versionId,
    bytes,
    CopySource,
  }: { key: string; versionId: string; bytes: number; CopySource: string },
  signal: AbortSignal,
  sizes: CopySizes,
): Promise<string> {
  const { client, bucket } = files;
  const object = { Bucket: bucket, Key: key };
  // Unlike a copy in one, one in parts takes none of these along.
  const { Metadata, ...described } = await describe(files, key, versionId, signal);
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...object, ...described, Metadata: unshared(Metadata) }),
    { abortSignal: signal },
  );
  try {
    const Parts: CompletedPart[] = [];
    for (let start = 0; start < bytes; start += sizes.part) {
      const PartNumber = Parts.length + 1;
      const CopySourceRange = `bytes=${start}-${Math.min(start + sizes.part, bytes) - 1}`;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({ ...object, UploadId, PartNumber, CopySource, CopySourceRange }),
        { abortSignal: signal },
      );
      Parts.push({ ...CopyPartResult, PartNumber });
    }
    const reply = await client.send(
      new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }),
      { abortSignal: signal },
    );
    return reply.VersionId ?? "null";
  } catch (error) {
    // Also after Ctrl-C: parts that nobody completes are paid for.
    await client.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** What there is to say of a version besides its content. */
async function describe(
  { client, bucket }: FilesBucket,
  key: string,
  versionId: string,
  signal: AbortSignal,
) {
  const command = new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
  const head = await client.send(command, { abortSignal: signal });
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Metadata } = head;
  return { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Metadata };
}

function unshared(metadata: Record<string, string> | undefined): Record<string, string> | undefined {
  if (metadata === undefined) return undefined;
  const { [SHARE_METADATA]: _its, ...rest } = metadata;
  return rest;
}
