import {
  amzTime,
  credentialOf,
  type SigningScope,
  sha256,
  signatureOf,
} from "../../../protocol/aws-signature.ts";

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
  const time = amzTime(now);
  const bodyHash = sha256(request.body);
  const headers = withoutAbsent({
    ...request.headers,
    host: request.host,
    "x-amz-content-sha256": bodyHash,
    "x-amz-date": time,
    "x-amz-security-token": scope.credentials.sessionToken,
  });
  const names = Object.keys(headers).sort();
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const signedHeaders = names.join(";");
  const canonicalRequest = [
    ...[request.method, request.path, request.query ?? ""],
    ...[canonicalHeaders, signedHeaders, bodyHash],
  ];
  const signature = signatureOf(canonicalRequest.join("\n"), scope, time);
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentialOf(scope, time)},SignedHeaders=${signedHeaders},Signature=${signature}`;
  return { ...headers, authorization };
}

function withoutAbsent(headers: UnsignedHeaders): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent[name] = value;
  return sent;
}
