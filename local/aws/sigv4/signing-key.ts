import { createHash, createHmac } from "node:crypto";

/** What a signing key is good for: one day, one region, one service. */
export type CredentialScope = { date: string; region: string; service: string };

/** `20130524/us-east-1/s3/aws4_request` */
export function formatScope({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key */
export function signingKey(secretAccessKey: string, { date, region, service }: CredentialScope): Buffer {
  return [date, region, service, "aws4_request"].reduce(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}

const MOST_KEPT = 64;
const kept = new Map<string, Buffer>();

/** The same, kept for the next request with this key and scope: it takes four of the five HMACs of a request. */
export function keptSigningKey(secretAccessKey: string, scope: CredentialScope): Buffer {
  const name = `${formatScope(scope)} ${secretAccessKey}`;
  const key = kept.get(name) ?? signingKey(secretAccessKey, scope);
  if (kept.size >= MOST_KEPT) kept.clear(); // old keys are never used again once the day is over or a function has a new one
  kept.set(name, key);
  return key;
}

/** The signature of a string to sign, in lower-case hex. */
export function signatureOf(key: Buffer, stringToSign: string): string {
  return createHmac("sha256", key).update(stringToSign).digest("hex");
}

export function sha256Hex(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
