import { presignS3Url, s3Address } from "../../../protocol/presigned-url.ts";
import type { Deployment } from "../deployment.ts";
import type { FilesBucket } from "./files-bucket.ts";

/**
 * A URL of S3 by which anybody may GET one version for a while, signed with the credentials of whoever runs this.
 *
 * @returns also until when: the credentials may end before it does.
 */
export async function presignVersion(
  { s3 }: Deployment,
  { client, bucket }: FilesBucket,
  version: { key: string; versionId: string; expiresSeconds: number },
  now: Date,
): Promise<{ url: string; until: Date }> {
  const [{ expiration, ...credentials }, region] = await Promise.all([
    client.config.credentials(),
    client.config.region(),
  ]);
  const { key, versionId, expiresSeconds } = version;
  const address = s3Address(bucket, region, s3.endpoint);
  const url = presignS3Url(
    { address, key, version: versionId, expiresSeconds },
    { credentials, region },
    now,
  );
  const expires = new Date(now.getTime() + expiresSeconds * 1000);
  return { url, until: expiration !== undefined && expiration < expires ? expiration : expires };
}
