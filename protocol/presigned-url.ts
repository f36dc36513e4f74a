import {
  type AwsCredentials,
  amzTime,
  credentialOf,
  encodeS3Key,
  encodeUriComponent,
  signatureOf,
} from "./aws-signature.ts";

/** Where a bucket is: the origin to connect to, and what stands before a key in the path. */
export type S3Address = { origin: URL; pathPrefix: string };

/** Seconds: a signing key lives no longer. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
export const PRESIGNED_MAX_SECONDS = 7 * 24 * 60 * 60;

/** Virtual-hosted at AWS; path-style at an endpoint of one's own, whose name may have no subdomains. */
export function s3Address(bucket: string, region: string, endpoint: string | undefined): S3Address {
  return endpoint === undefined
    ? { origin: new URL(`https://${bucket}.s3.${region}.amazonaws.com`), pathPrefix: "/" }
    : { origin: new URL(endpoint), pathPrefix: `/${bucket}/` };
}

/**
 * A URL by which anybody may GET one version of an object for a while, by ranges too. It ends earlier where the credentials do.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presignS3Url(
  object: { address: S3Address; key: string; version: string | undefined; expiresSeconds: number },
  { credentials, region }: { credentials: AwsCredentials; region: string },
  now: Date,
): string {
  const { address, key, version, expiresSeconds } = object;
  const scope = { credentials, region, service: "s3" };
  const time = amzTime(now);
  const path = address.pathPrefix + encodeS3Key(key);
  const parameters: [string, string | undefined][] = [
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", credentialOf(scope, time)],
    ["X-Amz-Date", time],
    ["X-Amz-Expires", String(expiresSeconds)],
    ["X-Amz-Security-Token", credentials.sessionToken],
    ["X-Amz-SignedHeaders", "host"],
    ["versionId", version],
  ]; // sorted, as they are signed
  const query = parameters
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeUriComponent(value)}`]))
    .join("&");
  // Without the port: clients such as coreHTTP never send it, and at AWS there is none.
  const host = `host:${address.origin.hostname}\n`;
  const canonical = ["GET", path, query, host, "host", "UNSIGNED-PAYLOAD"].join("\n");
  const signature = signatureOf(canonical, scope, time);
  return `${address.origin.origin}${path}?${query}&X-Amz-Signature=${signature}`;
}
