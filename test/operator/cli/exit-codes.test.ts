import { expect, test } from "vitest";
import { EXIT, judgeFailure } from "../../../operator/cli/exit-codes.ts";
import { explainFailure } from "../../../operator/cloud/explain-failure.ts";
import { OperatorError } from "../../../operator/cloud/operator-error.ts";

const named = (name: string, more: object = {}) => Object.assign(new Error("why"), { name, ...more });

test.each<[string, unknown, number, RegExp]>([
  ["a sentence of ours", new OperatorError("not-found", "no such key"), EXIT["not-found"], /^no such key$/],
  ["expired credentials", named("ExpiredTokenException"), EXIT.auth, /have expired.*aws sso login/],
  ["no credentials", named("TokenProviderError"), EXIT.auth, /aws sso login \(why\)$/],
  ["a wrong signature", named("InvalidSignatureException"), EXIT.auth, /takes no credentials from here/],
  ["a clock that is wrong", named("RequestTimeTooSkewed"), EXIT.fault, /clock is wrong/],
  [
    "a certificate of a proxy",
    named("Error", { code: "SELF_SIGNED_CERT_IN_CHAIN" }),
    EXIT.fault,
    /NODE_EXTRA_CA_CERTS/,
  ],
  ["a wrong key", named("InvalidAccessKeyId"), EXIT.auth, /aws sso login/],
  ["a missing grant", named("AccessDenied"), EXIT.auth, /^AWS does not allow it: why \(docs/],
  [
    "a HEAD that is not allowed",
    named("403", { $metadata: { httpStatusCode: 403 } }),
    EXIT.auth,
    /not allow/,
  ],
  ["no connection", named("Error", { code: "ECONNREFUSED" }), EXIT.fault, /no connection/],
  ["another answer of AWS", named("SlowDown", { $metadata: {} }), EXIT.fault, /^AWS answered SlowDown: why$/],
  ["Ctrl-C", named("AbortError"), EXIT.interrupted, /^interrupted$/],
  ["a fault of ours", new TypeError("x is not y"), EXIT.fault, /^TypeError: x is not y\n +at /],
  ["what is no error", "odd", EXIT.fault, /^odd$/],
])("%s has a sentence and an exit code", (_what, error, exit, sentence) => {
  expect(judgeFailure(error)).toEqual({ exit, sentence: expect.stringMatching(sentence) });
});

const answered = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

test.each<[string, unknown, boolean]>([
  ["a throttle", named("ThrottlingException", answered(400)), true],
  ["a fault inside AWS", named("InternalServerError", answered(500)), true],
  ["a lost connection", named("Error", { code: "ECONNRESET" }), true],
  ["credentials that may be renewed", named("ExpiredToken", answered(403)), true],
  ["a session that has ended", named("CredentialsProviderError"), true],
  ["a throttle that is a 403", named("RequestLimitExceeded", answered(403)), true],
  ["what is denied", named("AccessDeniedException", answered(400)), false],
  ["a wrong key", named("UnrecognizedClientException", answered(400)), false],
  ["what is not there", named("ResourceNotFoundException", answered(400)), false],
])("%s is known to pass, or not to: %#", (_what, error, mayPass) => {
  expect(explainFailure(error)).toMatchObject({ mayPass });
});
