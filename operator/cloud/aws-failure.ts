import * as v from "valibot";
import { OperatorError } from "./operator-error.ts";

/** Names of errors that AWS and its SDK give to credentials that are missing, wrong or expired. */
const NO_CREDENTIALS = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidToken",
  "SignatureDoesNotMatch",
  "TokenProviderError",
  "TokenRefreshRequired",
  "UnrecognizedClientException",
]);
const NOT_ALLOWED = new Set(["AccessDenied", "AccessDeniedException"]);
const UNREACHED = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "TimeoutError",
]);

/** Turns a failed call of AWS into a sentence; undefined if it is none that is known here. */
export function explainAwsFailure(error: unknown): OperatorError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const code = "code" in error ? String(error.code) : "";
  if (NO_CREDENTIALS.has(name)) {
    return new OperatorError(
      "auth",
      `AWS takes no credentials from here (${name}): log in as the AWS CLI does, with AWS_PROFILE or aws sso login`,
      { cause: error },
    );
  }
  if (NOT_ALLOWED.has(name) || statusOf(error) === 403) {
    return new OperatorError("auth", `AWS does not allow it: ${message}`, { cause: error });
  }
  if (UNREACHED.has(code) || UNREACHED.has(name)) {
    return new OperatorError("fault", `there is no connection: ${message || code}`, { cause: error });
  }
  return "$metadata" in error
    ? new OperatorError("fault", `AWS answered ${name}: ${message}`, { cause: error })
    : undefined;
}

const Answered = v.object({ $metadata: v.object({ httpStatusCode: v.number() }) });

/** HTTP status of AWS's answer. That to a HEAD has no body, and its error no name. */
function statusOf(error: Error): number | undefined {
  return v.is(Answered, error) ? error.$metadata.httpStatusCode : undefined;
}
