import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHttpEvent, type WireRequest } from "../../../../local/aws/lambda/http-event.ts";

const NOW = new Date("2020-03-12T19:03:58.390Z");

function eventOf(request: Partial<WireRequest>) {
  const wire: WireRequest = {
    method: "GET",
    target: "/",
    httpVersion: "1.1",
    rawHeaders: ["Host", "localhost:4602"],
    body: Buffer.alloc(0),
    sourceIp: "127.0.0.1",
    ...request,
  };
  return toHttpEvent(wire, { urlId: "local", accountId: "anonymous" }, "request-id", NOW);
}

test("every field of payload format 2.0", () => {
  const event = eventOf({
    method: "POST",
    target: "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
    rawHeaders: [
      ...["Host", "localhost:4602", "Header2", "value1", "header2", "value2", "User-Agent", "agent"],
      ...["Content-Type", "text/plain", "Cookie", "cookie1; cookie2", "Connection", "keep-alive"],
    ],
    body: Buffer.from("Hello from client!"),
  });
  expect(event).toEqual({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/my/path",
    rawQueryString: "parameter1=value1&parameter1=value2&parameter2=value",
    cookies: ["cookie1", "cookie2"],
    headers: {
      host: "localhost:4602",
      header2: "value1,value2",
      "user-agent": "agent",
      "content-type": "text/plain",
      cookie: "cookie1; cookie2",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
    },
    queryStringParameters: { parameter1: "value1,value2", parameter2: "value" },
    requestContext: {
      accountId: "anonymous",
      apiId: "local",
      domainName: "localhost:4602",
      domainPrefix: "local",
      http: {
        method: "POST",
        path: "/my/path",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "agent",
      },
      requestId: "request-id",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2020:19:03:58 +0000",
      timeEpoch: 1584039838390,
    },
    body: "Hello from client!",
    isBase64Encoded: false,
  });
});

test.each([
  ["/", "/", ""],
  ["/?", "/", ""],
  ["/?file=a%2Bb+c%20d&chunk=1", "/", "file=a%2Bb+c%20d&chunk=1"],
  ["//files//a/../b%2F%zz?a?b", "//files//a/../b%2F%zz", "a?b"],
  ["/files/%C3%A9?offset=0", "/files/%C3%A9", "offset=0"],
])("%s stays percent-encoded as it came", (target, rawPath, rawQueryString) => {
  expect(eventOf({ target })).toMatchObject({ rawPath, rawQueryString });
});

test("path and query are the request's, byte for byte, whatever they are", () => {
  const piece = fc.constantFrom(..."%/?&=+;,~abz019", "%2F", "%25", "%E9", "..");
  fc.assert(
    fc.property(fc.string({ unit: piece }), (rest) => {
      const { rawPath, rawQueryString } = eventOf({ target: `/${rest}` });
      const joined = rawQueryString === "" ? rawPath : `${rawPath}?${rawQueryString}`;
      expect(joined).toBe(rawQueryString === "" ? `/${rest}`.replace(/\?$/, "") : `/${rest}`);
      expect(rawPath).not.toContain("?");
    }),
  );
});

describe("the body", () => {
  test.each([
    ["application/json; charset=utf-8", '{"a":"é"}', false],
    ["TEXT/HTML", "é", false],
    ["application/problem+json", "{}", false],
    ["application/octet-stream", "plain", true],
    ["application/x-www-form-urlencoded", "a=b", true],
    ["image/png", "plain", true],
  ])("of type %s is text or base64 as Lambda decides", (type, text, isBase64Encoded) => {
    const body = Buffer.from(text);
    expect(eventOf({ body, rawHeaders: ["Content-Type", type] })).toMatchObject({
      isBase64Encoded,
      body: isBase64Encoded ? body.toString("base64") : text,
    });
  });

  test("survives, whatever its bytes and its type", () => {
    const type = fc.constantFrom("text/plain", "application/json", "application/octet-stream", "");
    fc.assert(
      fc.property(fc.uint8Array(), type, (bytes, contentType) => {
        const event = eventOf({ body: Buffer.from(bytes), rawHeaders: ["content-type", contentType] });
        const back = JSON.parse(JSON.stringify(event));
        expect(Buffer.from(back.body ?? "", back.isBase64Encoded ? "base64" : "utf8")).toEqual(
          Buffer.from(bytes),
        );
      }),
    );
  });
});

test("hostile names change nothing but themselves", () => {
  const event = eventOf({ target: "/?__proto__=x&constructor=y", rawHeaders: ["__proto__", "z"] });
  expect(JSON.parse(JSON.stringify(event)).queryStringParameters.constructor).toBe("y");
  expect(Object.keys(event.headers)).toContain("__proto__");
});
