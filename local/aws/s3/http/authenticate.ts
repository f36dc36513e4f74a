import type { FindCredential } from "../../sigv4/credential.ts";
import { SignatureError } from "../../sigv4/signature-error.ts";
import { type VerifiedRequest, type VerifyOptions, verifyRequest } from "../../sigv4/verify.ts";
import { S3Error } from "../s3-error.ts";
import type { S3Request } from "./s3-request.ts";

/** @throws {S3Error} unless the request's head is signed by a known key. */
export function authenticate(
  request: S3Request,
  options: { region: string; findCredential: FindCredential; now: number },
): VerifiedRequest {
  try {
    return verify(request, { ...options, service: "s3" });
  } catch (error) {
    throw error instanceof SignatureError ? asS3Error(error, request, options.region) : error;
  }
}

/**
 * A URL may be signed for the host alone: at AWS there is no port, and clients such as coreHTTP never send one. Those that send ours
 * are taken for the same.
 */
function verify(request: S3Request, options: VerifyOptions): VerifiedRequest {
  try {
    return verifyRequest(request, options);
  } catch (error) {
    const isMismatch = error instanceof SignatureError && error.fault === "mismatch";
    if (!isMismatch || !request.query.has("X-Amz-Signature")) throw error;
    const host = [request.host.replace(/:\d+$/, "")];
    return verifyRequest({ ...request, headers: { ...request.headers, host } }, options);
  }
}

function asS3Error(error: SignatureError, { query }: S3Request, region: string): S3Error {
  const options = { cause: error };
  switch (error.fault) {
    case "missing":
      return new S3Error("AccessDenied", undefined, options);
    case "malformed":
    case "wrong-scope":
      return query.has("X-Amz-Algorithm")
        ? new S3Error("AuthorizationQueryParametersError", error.message, options)
        : new S3Error("AuthorizationHeaderMalformed", error.message, options);
    case "wrong-region":
      return new S3Error("AuthorizationHeaderMalformed", error.message, {
        ...options,
        details: { Region: region },
      });
    case "unknown-key":
      return new S3Error("InvalidAccessKeyId", undefined, options);
    case "invalid-token":
      return new S3Error("InvalidToken", undefined, options);
    case "skewed":
      return new S3Error("RequestTimeTooSkewed", undefined, options);
    case "expired":
      return new S3Error("AccessDenied", "Request has expired", options);
    case "not-yet-valid":
      return new S3Error("AccessDenied", "Request is not valid yet", options);
    case "unsigned-header":
      return new S3Error(
        "AccessDenied",
        "There were headers present in the request which were not signed",
        options,
      );
    case "mismatch":
      return new S3Error("SignatureDoesNotMatch", undefined, options);
  }
}
