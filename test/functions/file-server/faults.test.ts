import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFileServer } from "../../../functions/file-server/main.ts";
import { captureStdio } from "../../support/capture-stdio.ts";
import { lambdaContext } from "../../support/lambda-context.ts";
import { type Answer, hangUp, s3Error, stall } from "./support/aws-stand-in.ts";
import {
  CREDENTIALS,
  type FileServerUnderTest,
  headOf,
  startFileServer,
} from "./support/file-server-under-test.ts";

const TRY_AGAIN = { err: expect.stringMatching(/\{try-again\}$/), retry: 2 };
const ENV = { ...CREDENTIALS, AWS_REGION: "eu-west-1" };
const NOT_FOUND = { err: "there is no such file {file-not-found}" };

let server: FileServerUnderTest;
beforeAll(async () => {
  server = await startFileServer("DEBUG");
});
afterAll(() => server.close());
beforeEach(async () => {
  server.aws.files.clear();
  server.aws.put("f", "0123456789");
  await captureStdio(() => server.call({ query: "file=f" })); // reads the tokens, opens a connection
  server.aws.s3Requests.length = 0;
});

/** Calls both doors, each with the fault before it, and returns their one answer and what was logged. */
async function callWith(fault: Answer, remainingMs?: number) {
  const { result, written } = await captureStdio(async () => {
    server.aws.s3Faults = Array.from({ length: 10 }, () => fault);
    const chunk = await server.call({ query: "file=f", ...(remainingMs ? { remainingMs } : {}) });
    server.aws.s3Faults = Array.from({ length: 10 }, () => fault);
    const range = await server.call({ path: "/files/f", ...(remainingMs ? { remainingMs } : {}) });
    server.aws.s3Faults = [];
    return [chunk, range] as const;
  });
  expect(result[1]).toEqual(result[0]);
  const [{ statusCode, headers, body }] = result;
  expect(headOf(result[0]).length).toBeLessThan(600);
  return { status: statusCode, retryAfter: headers["Retry-After"], body: JSON.parse(body), log: written };
}

describe("[NF-6.1] [NF-6.2] S3 in trouble", () => {
  test.each([
    ["503 ServiceUnavailable", s3Error(503, "ServiceUnavailable")],
    ["500 InternalError", s3Error(500, "InternalError")],
    ["502 of a proxy", ((_request, response) => response.writeHead(502).end("<html>")) as Answer],
    ["hanging up", hangUp],
    ["no HTTP", ((request) => request.socket.end("SSH-2.0-OpenSSH_9.2\r\n")) as Answer],
    [
      "a body cut short",
      ((_request, response) => {
        const headers = { etag: '"0123"', "content-range": "bytes 0-9/10", "content-length": "10" };
        response.writeHead(206, headers).write("0123");
        setImmediate(() => response.destroy());
      }) as Answer,
    ],
    [
      "fewer bytes than it says",
      ((_request, response) => {
        response.writeHead(206, { etag: '"0123"', "content-range": "bytes 0-9/10" }).end("01234");
      }) as Answer,
    ],
  ])("%s is worth another try, and a warning", async (_, fault) => {
    expect(await callWith(fault)).toMatchObject({
      status: 503,
      retryAfter: "2",
      body: TRY_AGAIN,
      log: expect.stringContaining('"level":"WARN","message":"request put off"'),
    });
  });

  test.each([
    ["503 SlowDown", s3Error(503, "SlowDown")],
    ["429", s3Error(429, "TooManyRequests")],
  ])("%s slows the device down", async (_, fault) => {
    expect(await callWith(fault)).toMatchObject({
      status: 429,
      retryAfter: "5",
      body: { err: expect.stringMatching(/\{slow-down\}$/), retry: 5 },
    });
  });

  test.each([
    ["AccessDenied", s3Error(403, "AccessDenied"), "needs s3:GetObject"],
    ["a bad signature", s3Error(403, "SignatureDoesNotMatch"), "GetObject with 403 SignatureDoesNotMatch"],
    ["a missing bucket", s3Error(404, "NoSuchBucket"), "GetObject with 404 NoSuchBucket"],
    ["a redirect", s3Error(301, "PermanentRedirect"), "GetObject with 301 PermanentRedirect"],
    [
      "404 without a code",
      ((_request, response) => response.writeHead(404).end()) as Answer,
      "GetObject with 404",
    ],
    ["416 without a size", s3Error(416, "InvalidRange"), "GetObject with 416 InvalidRange"],
    [
      "a range not asked for",
      ((_request, response) => {
        response.writeHead(206, { etag: '"0123"', "content-range": "bytes 5-9/10" }).end("56789");
      }) as Answer,
      "Content-Range that was not asked for",
    ],
    [
      "no Content-Range",
      ((_request, response) => response.writeHead(206, { etag: '"0123"' }).end("0123456789")) as Answer,
      "Content-Range that was not asked for",
    ],
    [
      "no ETag",
      ((_request, response) =>
        response.writeHead(206, { "content-range": "bytes 0-9/10" }).end("0123456789")) as Answer,
      "without a usable ETag",
    ],
    [
      "a whole object instead of a range",
      ((_request, response) => response.writeHead(200, { etag: '"0123"' }).end("0123456789")) as Answer,
      "GetObject with 200",
    ],
  ])("[NF-6.3] %s is a fault of ours: told to the log, not to the caller", async (_, fault, sentence) => {
    const { log, ...reply } = await callWith(fault);
    expect(reply).toEqual({
      status: 503,
      retryAfter: "2",
      body: { err: "this cannot be answered now {try-again}", retry: 2 },
    });
    expect(log).toContain('"level":"ERROR","message":"request failed"');
    expect(log).toContain(sentence);
  });

  test.each(["InvalidURI", "KeyTooLongError"])("400 %s says that no such file can be", async (code) => {
    expect(await callWith(s3Error(400, code))).toMatchObject({ status: 404, body: NOT_FOUND });
  });

  test("a stalled request ends before the function's time-out does", async () => {
    expect(await callWith(stall, 500)).toMatchObject({ status: 503, body: TRY_AGAIN });
  });

  test("a stalled body likewise", async () => {
    const fault: Answer = (_request, response) => {
      const headers = { etag: '"0123"', "content-range": "bytes 0-9/10", "content-length": "10" };
      response.writeHead(206, headers).write("0123");
    };
    expect(await callWith(fault, 500)).toMatchObject({ status: 503, body: TRY_AGAIN });
  });

  test("after any of it the next request is served", async () => {
    await callWith(hangUp);
    const { result } = await captureStdio(() => server.call({ query: "file=f" }));
    expect(result.statusCode).toBe(200);
  });
});

describe("what cannot happen on AWS", () => {
  test("[NF-6.1] an event of another kind is answered as a fault, and does not show in the log", async () => {
    const { handler } = createFileServer({
      ...ENV,
      FILES_BUCKET: "b",
      PACKED_BUCKET: "p",
      TOKEN_SECRET_ARN: "arn",
      LINK_SECRET_ARN: "arn",
    });
    const event = { Records: [{ body: "hunter2" }] };
    const { result, written } = await captureStdio(() => handler(event, lambdaContext()));
    expect(result).toMatchObject({ statusCode: 503, headers: { "Retry-After": "2" } });
    expect(written).toContain("not a function URL's");
    expect(written).not.toContain("hunter2");
  });

  test.each([
    "FILES_BUCKET",
    "PACKED_BUCKET",
    "TOKEN_SECRET_ARN",
    "LINK_SECRET_ARN",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
  ])("a missing %s is named when the function starts, and no other variable's value", (name) => {
    const own = { FILES_BUCKET: "b", PACKED_BUCKET: "p", TOKEN_SECRET_ARN: "arn", LINK_SECRET_ARN: "arn" };
    const env = { ...ENV, ...own, [name]: "" };
    expect(() => createFileServer(env)).toThrow(new RegExp(`^environment variable ${name}: `));
    expect(() => createFileServer(env)).not.toThrow(CREDENTIALS.AWS_SESSION_TOKEN);
  });
});
