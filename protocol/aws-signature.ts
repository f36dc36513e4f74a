import { createHash, createHmac } from "node:crypto";

export type AwsCredentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
};

export type SigningScope = { credentials: AwsCredentials; region: string; service: string };

/** A time as Signature Version 4 writes it, such as `20130524T000000Z`. */
export function amzTime(now: Date): string {
  return now.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

/** Who signs, where and on which day, as `X-Amz-Credential` and the Authorization header say it. @param time as `amzTime` */
export function credentialOf(scope: SigningScope, time: string): string {
  return `${scope.credentials.accessKeyId}/${partsOf(scope, time).join("/")}`;
}

/**
 * The signature of a canonical request, in hexadecimal digits.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 *
 * @param time as `amzTime`
 */
export function signatureOf(canonicalRequest: string, scope: SigningScope, time: string): string {
  const parts = partsOf(scope, time);
  const toSign = ["AWS4-HMAC-SHA256", time, parts.join("/"), sha256(canonicalRequest)];
  const key = parts.reduce<string | Buffer>(hmac, `AWS4${scope.credentials.secretAccessKey}`);
  return hmac(key, toSign.join("\n")).toString("hex");
}

function partsOf({ region, service }: SigningScope, time: string): string[] {
  return [time.slice(0, 8), region, service, "aws4_request"];
}

/** Encodes a key for the path as SigV4 wants it: everything but RFC 3986's unreserved characters and `/`. */
export function encodeS3Key(key: string): string {
  return encodeUriComponent(key).replaceAll("%2F", "/");
}

/** Encodes a value for the query as SigV4 wants it: everything but RFC 3986's unreserved characters. */
export function encodeUriComponent(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
