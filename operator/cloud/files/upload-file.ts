import { Readable } from "node:stream";
import type { FilesBucket } from "./files-bucket.ts";
import { readUnchanged } from "./read-unchanged.ts";
import { type Uploaded, uploadStream } from "./upload-stream.ts";

/**
 * Uploads a file from the disk.
 *
 * @param upload `share`: for what part of its fleet the upload is, in percent
 * @param onBytes told of bytes that S3 has taken
 * @throws {OperatorError} for a file that changed while it was read: S3 has nothing of it then.
 */
export async function uploadFile(
  bucket: FilesBucket,
  { file, key, share }: { file: string; key: string; share?: number | undefined },
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Uploaded> {
  signal.throwIfAborted();
  // S3 makes an object of the bytes only after their end, which comes with the knowledge that the file is whole.
  const body = Readable.from(readUnchanged(file), { objectMode: false });
  return await uploadStream(bucket, { key, body, share }, signal, onBytes);
}
