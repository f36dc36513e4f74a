import { timingSafeEqual } from "node:crypto";
import { canonicalRequest, type SignedRequest } from "./canonical-request.ts";
import type { Credential, FindCredential } from "./credential.ts";
import { readSignatureClaim, type SignatureClaim } from "./signature-claim.ts";
import { SignatureError } from "./signature-error.ts";
import { keptSigningKey, sha256Hex, signatureOf } from "./signing-key.ts";
import { stringToSign } from "./string-to-sign.ts";

export type VerifyOptions = {
  /** `s3`, `sqs`, `secretsmanager`. */
  service: string;
  region: string;
  findCredential: FindCredential;
  /** Milliseconds since 1970. */
  now: number;
  /** The whole body, for a service that signs it. S3 takes the hash that the request declares, to check it later. */
  body?: Buffer;
};

export type VerifiedRequest = {
  credential: Credential;
  claim: SignatureClaim;
  /** Hex SHA-256 of the body, or one of S3's words such as `UNSIGNED-PAYLOAD`. */
  payloadHash: string;
  /** For the chunk signatures that follow the request's own. */
  signingKey: Buffer;
};

const GREATEST_SKEW_MS = 15 * 60_000;

/**
 * Verifies Signature Version 4 in the Authorization header or in the query.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 *
 * @throws {SignatureError}
 * @throws {URIError} if an escape in path or query is broken.
 */
export function verifyRequest(request: SignedRequest, options: VerifyOptions): VerifiedRequest {
  const claim = readSignatureClaim(request);
  checkScope(claim, options);
  checkTime(claim, options.now);
  const credential = options.findCredential(claim.accessKeyId);
  if (credential === undefined) throw new SignatureError("unknown-key", "the access key id is not known");
  checkHeadersSigned(request, claim);

  const payloadHash = payloadHashOf(claim, options);
  const key = keptSigningKey(credential.secretAccessKey, claim.scope);
  const canonical = canonicalRequest(request, options.service, claim.signedHeaders, payloadHash);
  const expected = signatureOf(key, stringToSign(claim.amzDate, claim.scope, canonical));
  if (!equalInConstantTime(expected, claim.signature)) {
    throw new SignatureError("mismatch", "the signature does not match the request");
  }
  if (!equalInConstantTime(credential.sessionToken ?? "", claim.sessionToken ?? "")) {
    throw new SignatureError("invalid-token", "the session token is not the one of this access key");
  }
  return { credential, claim, payloadHash, signingKey: key };
}

function checkScope({ scope, amzDate }: SignatureClaim, { region, service }: VerifyOptions): void {
  if (scope.region !== region) {
    throw new SignatureError("wrong-region", `the region '${scope.region}' is wrong; expecting '${region}'`);
  }
  if (scope.service !== service) {
    throw new SignatureError("wrong-scope", `the service is wrong; expecting '${service}'`);
  }
  if (!amzDate.startsWith(scope.date)) {
    throw new SignatureError("wrong-scope", "the credential's date is not the request's");
  }
}

function checkTime({ signedAt, expiresAt }: SignatureClaim, now: number): void {
  if (expiresAt === undefined) {
    if (Math.abs(now - signedAt) > GREATEST_SKEW_MS) {
      throw new SignatureError("skewed", "the request's time differs too much from the server's");
    }
    return;
  }
  if (now > expiresAt) throw new SignatureError("expired", "the presigned request has expired");
  if (signedAt > now + GREATEST_SKEW_MS) {
    throw new SignatureError("not-yet-valid", "the presigned request is not valid yet");
  }
}

/** An unsigned `x-amz-*` header could change a request that somebody else signed. */
function checkHeadersSigned(request: SignedRequest, claim: SignatureClaim): void {
  const presigned = claim.expiresAt !== undefined;
  for (const name of Object.keys(request.headers)) {
    if (!name.startsWith("x-amz-") || claim.signedHeaders.includes(name)) continue;
    if (presigned && name === "x-amz-content-sha256") continue; // it is part of what is signed all the same
    throw new SignatureError("unsigned-header", `the header ${name} is not signed`);
  }
}

function payloadHashOf(claim: SignatureClaim, { body }: VerifyOptions): string {
  if (body !== undefined) return sha256Hex(body);
  if (claim.payloadHash !== undefined) return claim.payloadHash;
  if (claim.expiresAt !== undefined) return "UNSIGNED-PAYLOAD";
  throw new SignatureError("malformed", "the header x-amz-content-sha256 is missing");
}

export function equalInConstantTime(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(sha256Hex(a)), Buffer.from(sha256Hex(b))];
  return timingSafeEqual(left, right);
}
