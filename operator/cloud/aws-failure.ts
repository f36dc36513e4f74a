import * as v from "valibot";
import { OperatorError } from "./operator-error.ts";

/** Names of errors that AWS gives to credentials that are wrong. */
const WRONG_CREDENTIALS = new Set([
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
/** And to those that have had their time: they may be renewed meanwhile, by whoever did so before. */
const EXPIRED_CREDENTIALS = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidToken",
  "TokenRefreshRequired",
]);
/** The SDK's own, before it asks anybody: their sentences name a profile or a session, and no secret. */
const NO_CREDENTIALS = new Set(["CredentialsProviderError", "TokenProviderError"]);
const NOT_ALLOWED = new Set(["AccessDenied", "AccessDeniedException"]);
/** The signature has the time in it. */
const WRONG_CLOCK = new Set(["RequestTimeTooSkewed", "RequestExpired"]);
const THROTTLED = new Set([
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);
const UNREACHED = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "TimeoutError",
]);

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED = /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_|UNABLE_TO_)/;

/** Turns a failed call of AWS into a sentence; undefined if it is none that is known here. */
export function explainAwsFailure(error: unknown): OperatorError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const code = "code" in error ? String(error.code) : "";
  const told = (kind: "auth" | "fault", sentence: string, mayPass = false) =>
    new OperatorError(kind, sentence, { cause: error, mayPass });
  const login = "log in as the AWS CLI does, with AWS_PROFILE or aws sso login";
  if (WRONG_CREDENTIALS.has(name)) {
    return told("auth", `AWS takes no credentials from here (${name}): ${login}`);
  }
  if (EXPIRED_CREDENTIALS.has(name)) {
    return told("auth", `the credentials for AWS have expired (${name}): ${login}`, true);
  }
  if (NO_CREDENTIALS.has(name)) {
    return told("auth", `there are no credentials for AWS: ${login} (${message.split("\n", 1)[0]})`, true);
  }
  if (WRONG_CLOCK.has(name)) {
    return told("fault", `AWS finds that this machine's clock is wrong (${name}): set it`);
  }
  const status = statusOf(error);
  const mayPass = THROTTLED.has(name) || status === 429 || (status ?? 0) >= 500;
  if (!mayPass && (NOT_ALLOWED.has(name) || status === 403)) {
    return told("auth", `AWS does not allow it: ${message} (docs/OPERATOR.md lists what it takes)`);
  }
  if (UNREACHED.has(code) || UNREACHED.has(name)) {
    return told("fault", `there is no connection: ${message || code}`, true);
  }
  if (UNTRUSTED.test(code)) {
    const how = "NODE_EXTRA_CA_CERTS names a file with the CA of a proxy that looks into connections";
    return told("fault", `nobody trusted has signed the certificate of what answers (${code}): ${how}`);
  }
  return "$metadata" in error ? told("fault", `AWS answered ${name}: ${message}`, mayPass) : undefined;
}

const Answered = v.object({ $metadata: v.object({ httpStatusCode: v.number() }) });

/** HTTP status of AWS's answer. That to a HEAD has no body, and its error no name. */
function statusOf(error: Error): number | undefined {
  return v.is(Answered, error) ? error.$metadata.httpStatusCode : undefined;
}
