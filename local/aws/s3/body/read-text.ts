import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import { createDigester } from "./digests.ts";
import type { RequestBody } from "./request-body.ts";

const LONGEST_DOCUMENT = 4 * 1024 * 1024; // 1000 escaped keys of 1024 bytes, and some room

/**
 * Reads a document whole, verified like any payload.
 *
 * @throws {S3Error}
 */
export async function readText(request: S3Request, body: RequestBody): Promise<string> {
  const digester = createDigester(request, body);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body.read()) {
    bytes += piece.length;
    if (bytes > LONGEST_DOCUMENT) throw new S3Error("MaxMessageLengthExceeded");
    digester.update(piece);
    pieces.push(piece);
  }
  digester.finish();
  return Buffer.concat(pieces).toString("utf8");
}
