import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { OperatorError } from "../operator-error.ts";
import type { FilesBucket } from "./files-bucket.ts";

/**
 * Reads a file for its SHA-256, as unpadded base64url.
 *
 * @param file `versionId`: an older version; without it the current one
 * @throws if another version came meanwhile.
 */
export async function digestFile(
  { client, bucket }: FilesBucket,
  { key, etag, versionId }: { key: string; etag: string; versionId?: string },
  signal: AbortSignal,
): Promise<string> {
  const command = new GetObjectCommand({
    ...{ Bucket: bucket, Key: key, IfMatch: `"${etag}"` },
    ...(versionId === undefined ? {} : { VersionId: versionId }),
  });
  const { Body } = await client.send(command, { abortSignal: signal });
  if (!(Body instanceof Readable)) throw new OperatorError("fault", `S3 gave no bytes of ${key}`);
  const hash = createHash("sha256");
  for await (const bytes of Body) hash.update(bytes);
  return hash.digest("base64url");
}
