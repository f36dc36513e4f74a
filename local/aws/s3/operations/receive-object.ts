import type { ChecksumAlgorithm } from "../body/checksum.ts";
import { createDigester, type Digests } from "../body/digests.ts";
import type { RequestBody } from "../body/request-body.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { Blobs, Segment } from "../store/blobs.ts";

export type Received = Digests & { segments: Segment[] };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
export const MOST_BYTES_PER_PUT = 5 * 1024 ** 3;

/**
 * Receives the payload of a request into a blob of its own, verified and synced.
 *
 * @throws {S3Error} with nothing left behind.
 */
export async function receivePayload(
  blobs: Blobs,
  request: S3Request,
  body: RequestBody,
  algorithm?: ChecksumAlgorithm,
): Promise<Received> {
  if (body.declaredLength === undefined) throw new S3Error("MissingContentLength");
  if (body.declaredLength > MOST_BYTES_PER_PUT) throw new S3Error("EntityTooLarge");
  const digester = createDigester(request, body, algorithm);
  return await receiveBytes(blobs, body.read(), digester, MOST_BYTES_PER_PUT);
}

/** The same for bytes from any source. */
export async function receiveBytes(
  blobs: Blobs,
  source: AsyncIterable<Buffer>,
  digester: ReturnType<typeof createDigester>,
  mostBytes: number,
): Promise<Received> {
  const writer = await blobs.create();
  try {
    let bytes = 0;
    for await (const piece of source) {
      bytes += piece.length;
      if (bytes > mostBytes) throw new S3Error("EntityTooLarge");
      digester.update(piece);
      await writer.write(piece);
    }
    const digests = digester.finish();
    if (digests.bytes === 0) {
      await writer.abandon();
      return { ...digests, segments: [] };
    }
    await writer.finish();
    return { ...digests, segments: [{ blob: writer.id, bytes: digests.bytes }] };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Runs the work that makes an object of received bytes, and deletes the bytes if it fails. */
export async function orDiscard<T>(blobs: Blobs, segments: readonly Segment[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    blobs.discard(segments);
    throw error;
  }
}
