import type { Readable } from "node:stream";
import { AbortMultipartUploadCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { RELEASE_METADATA, SHARE_METADATA } from "../../../protocol/share.ts";
import type { FilesBucket } from "./files-bucket.ts";

/** Bytes of a part; up to that a file is one request. At most two parts of a file are in memory. */
const PART_BYTES = 8 * 1024 ** 2;
const PARTS_AT_ONCE = 2;

export type UploadedFile = { key: string; share?: number | undefined; release?: string | undefined };

export type Uploaded = { versionId: string; etag: string };

/**
 * Uploads what a stream gives, which S3 makes an object of once it has ended. A stream that fails leaves nothing behind.
 *
 * @param upload `body`: destroyed in the end; `share`: for what part of its fleet the upload is, in percent; `release`: which of several files it belongs to
 * @param onBytes told of bytes that S3 has taken
 */
export async function uploadStream(
  { client, bucket }: FilesBucket,
  { key, body, share, release }: UploadedFile & { body: Readable },
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Uploaded> {
  const abortController = new AbortController();
  const abort = () => abortController.abort(signal.reason);
  signal.addEventListener("abort", abort);
  const upload = new Upload({
    client,
    params: {
      ...{ Bucket: bucket, Key: key, Body: body },
      Metadata: {
        ...(share === undefined ? {} : { [SHARE_METADATA]: `${share}%` }),
        ...(release === undefined ? {} : { [RELEASE_METADATA]: release }),
      },
    },
    partSize: PART_BYTES,
    queueSize: PARTS_AT_ONCE,
    abortController,
    leavePartsOnError: true, // once aborted it would not wait until they are gone, and the command ends
  });
  try {
    signal.throwIfAborted();
    let told = 0;
    upload.on("httpUploadProgress", ({ loaded = 0 }) => {
      onBytes(loaded - told);
      told = loaded;
    });
    const { VersionId = "null", ETag = "" } = await upload.done();
    return { versionId: VersionId, etag: ETag.replaceAll('"', "") };
  } catch (error) {
    const { uploadId } = upload;
    if (uploadId !== undefined) {
      const abandoned = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
      await client.send(abandoned).catch(() => undefined); // the first failure is what counts; it may have been completed too
    }
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    body.destroy();
  }
}
