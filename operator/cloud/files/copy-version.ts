import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
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
 * Copies an older version of a key over it, within S3: nothing passes through here.
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
  const reply = await client.send(new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource }), {
    abortSignal: signal,
  });
  return reply.VersionId ?? "null";
}

async function copyInParts(
  { client, bucket }: FilesBucket,
  {
    key,
    versionId,
    bytes,
    CopySource,
  }: { key: string; versionId: string; bytes: number; CopySource: string },
  signal: AbortSignal,
  sizes: CopySizes,
): Promise<string> {
  const object = { Bucket: bucket, Key: key };
  // Unlike a copy in one, one in parts takes none of these along.
  const head = await client.send(new HeadObjectCommand({ ...object, VersionId: versionId }), {
    abortSignal: signal,
  });
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...object,
      ContentType: head.ContentType,
      CacheControl: head.CacheControl,
      ContentDisposition: head.ContentDisposition,
      ContentEncoding: head.ContentEncoding,
      ContentLanguage: head.ContentLanguage,
      Metadata: head.Metadata,
    }),
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
