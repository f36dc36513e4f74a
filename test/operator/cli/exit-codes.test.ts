import { expect, test } from "vitest";
import { EXIT, judgeFailure } from "../../../operator/cli/exit-codes.ts";
import { OperatorError } from "../../../operator/cloud/operator-error.ts";

const named = (name: string, more: object = {}) => Object.assign(new Error("why"), { name, ...more });

test.each<[string, unknown, number, RegExp]>([
  ["a sentence of ours", new OperatorError("not-found", "no such key"), EXIT["not-found"], /^no such key$/],
  ["expired credentials", named("ExpiredTokenException"), EXIT.auth, /aws sso login/],
  ["a wrong key", named("InvalidAccessKeyId"), EXIT.auth, /aws sso login/],
  ["a missing grant", named("AccessDenied"), EXIT.auth, /^AWS does not allow it: why$/],
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
