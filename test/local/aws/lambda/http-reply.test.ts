import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toWireReply } from "../../../../local/aws/lambda/http-reply.ts";

test("status, headers, cookies and body are the function's; the length is not", () => {
  const reply = toWireReply({
    statusCode: 206,
    headers: { "content-type": "text/plain", ETag: '"e"', "Content-Length": "999", "x-number": 7 },
    cookies: ["a=1", "b=2; Secure"],
    body: "héllo",
  });
  expect(reply).toEqual({
    status: 206,
    headers: [
      ["content-type", "text/plain"],
      ["ETag", '"e"'],
      ["x-number", "7"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2; Secure"],
    ],
    body: Buffer.from("héllo"),
  });
});

test.each([
  ["Hello", "Hello"],
  [{ a: 1 }, '{"a":1}'],
  [null, "null"],
  [[1], "[1]"],
])("%j without a status is the body itself", (payload, text) => {
  expect(toWireReply(payload)).toEqual({
    status: 200,
    headers: [["Content-Type", "application/json"]],
    body: Buffer.from(text),
  });
});

describe("a bad reply is refused", () => {
  test.each([
    ["a status that is a string", { statusCode: "200" }],
    ["a status that is none", { statusCode: 99 }],
    ["an informational status", { statusCode: 101 }],
    ["a fractional status", { statusCode: 200.5 }],
    ["a body that is an object", { statusCode: 200, body: {} }],
    ["headers that are a list", { statusCode: 200, headers: [["a", "b"]] }],
    ["a header with a newline", { statusCode: 200, headers: { a: "b\r\nc: d" } }],
    ["a header name with a space", { statusCode: 200, headers: { "a b": "c" } }],
    ["a cookie with a newline", { statusCode: 200, cookies: ["a\nb"] }],
    ["broken base64", { statusCode: 200, body: "ab*d", isBase64Encoded: true }],
  ])("%s", (_, payload) => expect(toWireReply(payload)).toBeUndefined());
});

test("binary bodies come out as they went in", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const body = Buffer.from(bytes).toString("base64");
      expect(toWireReply({ statusCode: 200, body, isBase64Encoded: true })?.body).toEqual(Buffer.from(bytes));
    }),
  );
});

test("whatever a function returns, the reply is one that can be sent, or none", () => {
  const payload = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        statusCode: fc.oneof(fc.integer({ min: 190, max: 610 }), fc.jsonValue()),
        headers: fc.dictionary(fc.string(), fc.string()),
        cookies: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        body: fc.oneof(fc.string(), fc.jsonValue()),
        isBase64Encoded: fc.oneof(fc.boolean(), fc.jsonValue()),
      },
      { requiredKeys: ["statusCode"] },
    ),
  );
  fc.assert(
    fc.property(payload, (given) => {
      const reply = toWireReply(given);
      if (reply === undefined) return;
      expect(reply.status).toBeGreaterThanOrEqual(200);
      expect(reply.status).toBeLessThanOrEqual(599);
      for (const [name, value] of reply.headers) new Headers().append(name, value);
    }),
  );
});
