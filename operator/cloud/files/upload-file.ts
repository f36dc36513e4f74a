import { Readable } from "node:stream";
import { AbortMultipartUploadCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { SHARE_METADATA } from "../../../protocol/share.ts";
import type { FilesBucket } from "./files-bucket.ts";
import { readUnchanged } from "./read-unchanged.ts";

/** Bytes of a part; up to that a file is one request. At most two parts of a file are in memory. */
const PART_BYTES = 8 * 1024 ** 2;
const PARTS_AT_ONCE = 2;

export type Uploaded = { versionId: string; etag: string };

/**
 * Uploads a file from the disk.
 *
 * @param file `share`: for what part of its fleet the upload is, in percent
 * @param onBytes told of bytes that S3 has taken
 * @throws {OperatorError} for a file that changed while it was read: S3 has nothing of it then.
 */
export async function uploadFile(
  { client, bucket }: FilesBucket,
  { file, key, share }: { file: string; key: string; share?: number | undefined },
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Uploaded> {
  signal.throwIfAborted();
  // S3 makes an object of the bytes only after their end, which comes with the knowledge that the file is whole.
  const body = Readable.from(readUnchanged(file), { objectMode: false });
  const abortController = new AbortController();
  const abort = () => abortController.abort(signal.reason);
  signal.addEventListener("abort", abort);
  const upload = new Upload({
    client,
    params: {
      ...{ Bucket: bucket, Key: key, Body: body },
      ...(share === undefined ? {} : { Metadata: { [SHARE_METADATA]: `${share}%` } }),
    },
    partSize: PART_BYTES,
    queueSize: PARTS_AT_ONCE,
    abortController,
    leavePartsOnError: true, // once aborted it would not wait until they are gone, and the command ends
  });
  try {
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
