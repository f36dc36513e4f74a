import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ERROR_STATUS, type ErrorCode, errorBody, errorCodeOf, RequestError } from "../../protocol/errors.ts";

const CODES = Object.keys(ERROR_STATUS) as ErrorCode[];

/** The rows of the table in docs/PROTOCOL.md, as [code, status, worth a retry]. */
function documentedErrors(): [string, number, boolean][] {
  const text = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
  return [...text.matchAll(/^\| (\d{3}) +\| `\{([a-z-]+)\}` +\| (yes)? +\|$/gm)].map(
    ([, status, code = "", retry]) => [code, Number(status), retry === "yes"],
  );
}

describe("[NF-6.1] the error table", () => {
  test("is the one in docs/PROTOCOL.md [NF-6.2]", () => {
    const coded = CODES.map((code): [string, number, boolean] => {
      const error = new RequestError(code, "sentence");
      return [code, error.status, error.retryAfter !== undefined];
    });
    expect(coded).toEqual(documentedErrors());
    expect(coded).toHaveLength(10);
  });

  test("knows one fault of ours, which says to try again [NF-6.3]", () => {
    expect(CODES.filter((code) => ERROR_STATUS[code] >= 500)).toEqual(["try-again"]);
  });
});

describe("[NF-6.1] an error's body", () => {
  test.each(CODES)("of {%s} is a sentence, the code, and seconds where a retry is worth it", (code) => {
    const body = errorBody(new RequestError(code, "this went wrong"));
    expect(body.err).toBe(`this went wrong {${code}}`);
    expect(body).toEqual("retry" in body ? { err: body.err, retry: expect.any(Number) } : { err: body.err });
  });

  test.each(CODES)("tells {%s} again, whatever the sentence says before it", (code) => {
    expect(errorCodeOf(errorBody(new RequestError(code, "not {try-again}, nor {")))).toBe(code);
  });

  test.each<[string, unknown]>([
    ["another service's", { message: "Not Found" }],
    ["a code that is not in the table", { err: "no such route {route-config}" }],
    ["a word of the language", { err: "{constructor}" }],
    ["a code that is not its end", { err: "{file-not-found} was not said" }],
    ["no text", { err: 404 }],
    ["a list", [{ err: "{file-not-found}" }]],
    ["none", undefined],
  ])("is not what has %s", (_what, body) => {
    expect(errorCodeOf(body)).toBeUndefined();
  });

  test.each(["slow-down", "try-again"] as const)(
    "[NF-6.2] of {%s} has seconds, the caller's own if it knows",
    (code) => {
      expect(errorBody(new RequestError(code, "busy")).retry).toBeGreaterThanOrEqual(1);
      expect(errorBody(new RequestError(code, "busy", { retryAfter: 30 })).retry).toBe(30);
    },
  );

  test("[NF-6.2] of a code that is not worth a retry never has seconds", () => {
    const error = new RequestError("file-not-found", "there is no such file", { retryAfter: 30 });
    expect(error.retryAfter).toBeUndefined();
    expect(errorBody(error)).not.toHaveProperty("retry");
  });

  test("[NF-6.3] shows nothing of the cause, and no more than its sentence", () => {
    const cause = new Error("AccessDenied: arn:aws:s3:::bucket");
    const error = new RequestError("out-of-range", "past the end", { cause, totalBytes: 1000 });
    expect(error.cause).toBe(cause);
    expect(error.totalBytes).toBe(1000);
    expect(errorBody(error)).toEqual({ err: "past the end {out-of-range}" });
  });
});
