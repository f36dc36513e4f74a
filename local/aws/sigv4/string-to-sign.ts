import { type CredentialScope, formatScope, sha256Hex } from "./signing-key.ts";

const EMPTY_SHA256 = sha256Hex("");

/** The text that a request's signature covers. */
export function stringToSign(amzDate: string, scope: CredentialScope, canonicalRequest: string): string {
  return ["AWS4-HMAC-SHA256", amzDate, formatScope(scope), sha256Hex(canonicalRequest)].join("\n");
}

/**
 * The text that the signature of a chunk in an aws-chunked body covers; it contains the signature before.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function chunkStringToSign(
  amzDate: string,
  scope: CredentialScope,
  previousSignature: string,
  chunkHash: string,
): string {
  return [
    "AWS4-HMAC-SHA256-PAYLOAD",
    amzDate,
    formatScope(scope),
    previousSignature,
    EMPTY_SHA256,
    chunkHash,
  ].join("\n");
}

/**
 * The text that the signature of trailing headers covers; `trailers` as `name:value\n` each.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function trailerStringToSign(
  amzDate: string,
  scope: CredentialScope,
  previousSignature: string,
  trailers: string,
): string {
  return [
    "AWS4-HMAC-SHA256-TRAILER",
    amzDate,
    formatScope(scope),
    previousSignature,
    sha256Hex(trailers),
  ].join("\n");
}
