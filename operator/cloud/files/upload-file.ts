import { Readable } from "node:stream";
import type { FilesBucket } from "./files-bucket.ts";
import { readUnchanged } from "./read-unchanged.ts";
import { type Uploaded, type UploadedFile, uploadStream } from "./upload-stream.ts";

/**
 * Uploads a file from the disk.
 *
 * @param onBytes told of bytes that S3 has taken
 * @throws {OperatorError} for a file that changed while it was read: S3 has nothing of it then.
 */
export async function uploadFile(
  bucket: FilesBucket,
  { file, ...upload }: UploadedFile & { file: string },
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Uploaded> {
  signal.throwIfAborted();
  // S3 makes an object of the bytes only after their end, which comes with the knowledge that the file is whole.
  const body = Readable.from(readUnchanged(file), { objectMode: false });
  return await uploadStream(bucket, { ...upload, body }, signal, onBytes);
}
