import { createHash, createHmac } from "node:crypto";

export type AwsCredentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
};

export type SigningScope = { credentials: AwsCredentials; region: string; service: string };

/** Headers by their lower-case names; one without a value is not sent. */
export type UnsignedHeaders = Readonly<Record<string, string | undefined>>;

/**
 * A request as it goes on the wire. `path` is percent-encoded, and so is `query`, whose parameters are sorted; the values of headers
 * are single-spaced.
 */
export type UnsignedRequest = {
  method: string;
  host: string;
  path: string;
  query?: string | undefined;
  headers: UnsignedHeaders;
  body: string;
};

/**
 * The headers that make a request an AWS one, all of them signed (Signature Version 4, single chunk).
 * The path is signed as it is: normalising it, as services other than S3 do, would change which key is read.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signRequest(
  request: UnsignedRequest,
  scope: SigningScope,
  now: Date,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = scope.credentials;
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const bodyHash = sha256(request.body);
  const headers = withoutAbsent({
    ...request.headers,
    host: request.host,
    "x-amz-content-sha256": bodyHash,
    "x-amz-date": time,
    "x-amz-security-token": sessionToken,
  });
  const names = Object.keys(headers).sort();
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const signedHeaders = names.join(";");
  const canonicalRequest = [
    ...[request.method, request.path, request.query ?? ""],
    ...[canonicalHeaders, signedHeaders, bodyHash],
  ];
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, credentialScope, sha256(canonicalRequest.join("\n"))];
  const key = [day, scope.region, scope.service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${secretAccessKey}`,
  );
  const signature = hmac(key, toSign.join("\n")).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${credentialScope},SignedHeaders=${signedHeaders},Signature=${signature}`;
  return { ...headers, authorization };
}

function withoutAbsent(headers: UnsignedHeaders): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent[name] = value;
  return sent;
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

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
