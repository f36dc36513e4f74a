import type { IncomingMessage } from "node:http";
import type { Credential, FindCredential } from "../sigv4/credential.ts";
import { SignatureError, type SignatureFault } from "../sigv4/signature-error.ts";
import { verifyRequest } from "../sigv4/verify.ts";
import { AwsError } from "./aws-error.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
const ERROR_TYPES: Record<SignatureFault, string> = {
  missing: "MissingAuthenticationTokenException",
  malformed: "IncompleteSignatureException",
  "wrong-region": "InvalidSignatureException",
  "wrong-scope": "InvalidSignatureException",
  "unknown-key": "UnrecognizedClientException",
  "invalid-token": "UnrecognizedClientException",
  skewed: "InvalidSignatureException",
  "not-yet-valid": "InvalidSignatureException",
  expired: "InvalidSignatureException",
  "unsigned-header": "InvalidSignatureException",
  mismatch: "InvalidSignatureException",
};

/**
 * Tells by its signature whose request it is.
 *
 * @throws {AwsError}
 */
export function authenticate(
  request: IncomingMessage,
  body: Buffer,
  scope: { service: string; region: string; findCredential: FindCredential },
): Credential {
  try {
    const { method = "", url = "", headersDistinct: headers } = request;
    const mark = url.indexOf("?");
    const [rawPath, rawQuery] = mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
    const signed = { method, rawPath, rawQuery, headers };
    return verifyRequest(signed, { ...scope, now: Date.now(), body }).credential;
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new AwsError(`com.amazon.coral.service#${ERROR_TYPES[error.fault]}`, error.message, {
      status: 403,
    });
  }
}
